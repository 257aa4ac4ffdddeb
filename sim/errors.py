# SPDX-License-Identifier: BSD-2-Clause
"""The two ways a command ends badly, each with one clear line."""


class UsageError(Exception):
    """What was asked cannot be done; the line says what to do.  Exit 2."""
    status = 2


class RunError(Exception):
    """It was tried and failed.  Exit 1."""
    status = 1
