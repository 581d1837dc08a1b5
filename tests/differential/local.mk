# SPDX-License-Identifier: Apache-2.0
# Against programs of another make: ausearch for values, python3 for JSON.
dist_check_SCRIPTS += tests/differential/ausearch.sh tests/differential/strict.sh
TESTS += tests/differential/ausearch.sh tests/differential/strict.sh
EXTRA_DIST += tests/differential/compare.py tests/differential/differences \
    tests/differential/strict.py
