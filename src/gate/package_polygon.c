/* SPDX-License-Identifier: Apache-2.0 */
/* problem.xml. */
#include "gate/package_parts.h"

int package_polygon_read(struct package *p, struct refusal *refusal)
{
	return folder_refuse(p->folder, "problem.xml", refusal, "is not supported yet");
}
