/* SPDX-License-Identifier: Apache-2.0 */
/* The table that tools/embed-web makes from web/dist; ends with a row without a path. */
#pragma once

#include "gate/http/web_assets.h"

extern const struct web_asset web_asset_table[];
