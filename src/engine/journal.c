/* SPDX-License-Identifier: Apache-2.0 */
/* See journal.h. There is none yet: it cannot be opened, and says so. */
#include "engine/journal.h"

#include <errno.h>

int journal_open(const struct journal_config *c, struct journal **ret, struct err *err)
{
	return err_set(err, ENOTSUP, "open the journal");
}

void journal_close(struct journal *j)
{
}

int journal_accept(struct journal *j, const struct journal_entry *e, journal_done *done, void *user)
{
	return -ENOTSUP;
}

int journal_begin(struct journal *j, const char *id, journal_done *done, void *user)
{
	return -ENOTSUP;
}

int journal_end(struct journal *j, const char *id, const char *result, size_t len,
		journal_done *done, void *user)
{
	return -ENOTSUP;
}

int journal_find(struct journal *j, const char *tenant, const char *id, journal_done *done,
		 void *user)
{
	return -ENOTSUP;
}

int journal_each_open(struct journal *j, int (*fn)(void *user, const struct journal_entry *entry),
		      void *user, struct err *err)
{
	return err_set(err, ENOTSUP, "read the journal");
}

void journal_count(struct journal *j, struct journal_counts *ret)
{
	*ret = (struct journal_counts){ 0 };
}
