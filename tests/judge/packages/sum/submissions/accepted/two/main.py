# SPDX-License-Identifier: Apache-2.0
import adding

print(adding.add(*input().split()))
