#include "sandbox/runner/node/node_zygote.hh"
void hot_prepare(void) {}
void hot_record(void) {}
void hot_renew(void) {}
