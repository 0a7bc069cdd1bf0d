import AzureStandIn
import Testing
