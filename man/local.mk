# SPDX-License-Identifier: Apache-2.0
dist_man_MANS += man/omauditjson.8 man/omauditjson-format.5
