import Kubeconfig
