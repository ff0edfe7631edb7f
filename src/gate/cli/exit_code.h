/* SPDX-License-Identifier: Apache-2.0 */
/* How kodewar ends; `doc` feeds the manual.  A signal that ends it gives 128 + its number. */
#pragma once

/*      id       code  doc */
#define EXIT_CODES(X) \
	X(OK, 0, \
	  "run FILE: the program ended well and passed every test case. run -: a verdict was reached, whatever it is. judge: every submission was accepted, or with --verify got what it was promised") \
	X(FAILED, 1, \
	  "run FILE: the program failed, or a test case did not pass. judge: a submission was not accepted, or with --verify did not get what it was promised. Any command: the answer could not be written") \
	X(REFUSED, 2, \
	  "the command line, the request or the problem package was refused; run - prints the refusal as JSON") \
	X(HOST, 3, \
	  "this host cannot run boxes, or failed while it ran one; run - prints the reason as JSON too")

enum exit_code {
#define EXIT_CODE_ENUM(id, code, doc) KODEWAR_EXIT_##id = code,
	EXIT_CODES(EXIT_CODE_ENUM)
#undef EXIT_CODE_ENUM
};
