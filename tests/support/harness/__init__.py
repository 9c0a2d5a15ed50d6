# SPDX-License-Identifier: LGPL-2.1-or-later
"""The test runner and the demo: everything that drives compilers, disks and virtual machines inside the sandbox."""
