# SPDX-License-Identifier: Apache-2.0
"""The contract, one module per topic; test_sandbox.py gathers them."""
