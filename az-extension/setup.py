#!/usr/bin/env python
# --------------------------------------------------------------------------------------------
# Licensed under the Apache License 2.0. See LICENSE in the project root for license information.
# --------------------------------------------------------------------------------------------
"""Builds the wheel. script/build-az-extension runs it in a copy of this folder that has the version, and perhaps the shim."""
import os
import re

from setuptools import find_packages, setup

HERE = os.path.dirname(os.path.abspath(__file__))


def version():
    with open(os.path.join(HERE, 'azext_aks_kms_vault_mode', '_version.py'), encoding='utf-8') as file:
        return re.search(r"VERSION = '([^']+)'", file.read()).group(1)


def text(name):
    with open(os.path.join(HERE, name), encoding='utf-8') as file:
        return file.read()


setup(
    # az looks for the version under the name by which it lists the extension.
    name='aks-kms-vault-mode',
    version=version(),
    description='Switch the Azure Key Vault behind an AKS cluster\'s KMS etcd encryption between public and private.',
    long_description=text('README.rst') + '\n\n' + text('HISTORY.rst'),
    long_description_content_type='text/x-rst',
    license='Apache-2.0',
    license_files=[name for name in ('LICENSE', 'licenses.md', 'third-party-licenses.txt')
                   if os.path.exists(os.path.join(HERE, name))],
    author='The kubectl-kms-vault authors',
    url='https://github.com/kubectl-kms-vault/kubectl-kms-vault',
    classifiers=[
        'Development Status :: 4 - Beta',
        'Intended Audience :: System Administrators',
        'Programming Language :: Python :: 3',
        'License :: OSI Approved :: Apache Software License',
    ],
    packages=find_packages(),
    install_requires=[],
    package_data={'azext_aks_kms_vault_mode': ['azext_metadata.json', 'bin/*']},
)
