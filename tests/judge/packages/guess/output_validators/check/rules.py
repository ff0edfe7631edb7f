# SPDX-License-Identifier: Apache-2.0
def proper(number, divisor):
    return 1 < divisor < number and number % divisor == 0
