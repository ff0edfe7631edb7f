// SPDX-License-Identifier: Apache-2.0
// attack: a source that names an interpreter of its own
// layer: request
// verdict: accepted
// prints: javascript
// code: "#!/bin/sh\nconsole.log('javascript')\n"
