/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An image in an archive: as `docker save` writes it (manifest.json names the layers), or by the OCI layout (index.json
 * names a manifest by its digest, and that the layers).  Layers are archives in the archive; each is found by its name
 * from the beginning on, since they may stand in any order.  One that is named by its digest must have it.
 */
#include <errno.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "codec/json_parse.h"
#include "tree/unpack/unpack.h"

#define JSON_BYTES (4u << 20)
#define LAYERS_MAX 1024u
#define ENTRIES_MAX \
	16384u	   /* an image's archive has a few for each layer; what has more is a tree itself */
#define HOPS_MAX 4 /* from a link to a layer, or from an index to a manifest */
#define BLOBS "blobs/sha256/"

static void drop_json(json_t **j)
{
	json_decref(*j);
}

static void drop_archive(struct archive **a)
{
	unpack_close(a);
}

static void drop_list(char ***list)
{
	for (size_t i = 0; *list && (*list)[i]; i++)
		free((*list)[i]);
	free(*list);
}

/* What a link in the archive names, seen from where it stands. */
static int follow(const char *from, const struct archive_entry *e, char *to, size_t size)
{
	struct archive_entry *entry = (struct archive_entry *)e;
	const char *hard = archive_entry_hardlink(entry), *soft = archive_entry_symlink(entry);
	const char *slash = strrchr(from, '/');
	size_t base = slash && !hard ? (size_t)(slash - from) : 0;
	int n;

	if (!hard && !soft)
		return -EBADMSG;
	while (soft && !hard && !strncmp(soft, "../", 3)) {
		while (base > 0 && from[base - 1] != '/')
			base--;
		base -= base > 0;
		soft += 3;
	}
	n = snprintf(to, size, "%.*s%s%s", (int)base, from, base ? "/" : "", hard ? hard : soft);
	return n > 0 && (size_t)n < size ? 0 : -ENAMETOOLONG;
}

/* Opens the archive where this entry's data begins. *ret stays NULL where there is none of that name. */
static int find(struct unpack *u, const char *path, struct archive **ret,
		struct archive_entry **ret_entry, struct err *err)
{
	char name[PATH_MAX], next[PATH_MAX];
	int r = 0;

	snprintf(name, sizeof(name), "%s", path);
	for (int hops = 0; hops < HOPS_MAX; hops++) {
		_cleanup_(drop_archive) struct archive *a = unpack_open(u, err);
		unsigned entries = 0;
		bool again = false;

		if (!a)
			return err_wrap(err, "%s", path);
		while (!again && entries++ < ENTRIES_MAX &&
		       (r = unpack_next(u, a, ret_entry, err)) > 0) {
			const char *here = unpack_clean(archive_entry_pathname(*ret_entry), NULL);

			if (!here || strcmp(here, name) != 0)
				continue;
			if (archive_entry_filetype(*ret_entry) == AE_IFREG &&
			    !archive_entry_hardlink(*ret_entry)) {
				*ret = TAKE_PTR(a);
				return 0;
			}
			r = follow(name, *ret_entry, next, sizeof(next));
			if (r < 0)
				return err_set(err, r, "%.200s", name);
			memcpy(name, next, sizeof(name));
			again = true;
		}
		if (!again)
			return r < 0 ? r : 0;
	}
	return err_set(err, ELOOP, "%.200s", path);
}

/* A JSON file of the archive, or NULL: it is not there, or no JSON. */
static json_t *load(struct unpack *u, const char *path, struct err *err)
{
	_cleanup_(drop_archive) struct archive *a = NULL;
	_cleanup_free_ char *text = NULL;
	struct archive_entry *e;
	json_error_t why;
	size_t len;

	if (find(u, path, &a, &e, err) < 0 || !a)
		return NULL;
	text = unpack_small(a, e, JSON_BYTES, &len);
	return text ? json_parse(text, len, 0, &why) : NULL;
}

/* "sha256:HEX" becomes the name of its blob. */
static char *blob_path(const char *digest)
{
	char *path = NULL;

	if (!digest || strncmp(digest, "sha256:", 7) != 0 || strlen(digest) != 7 + 64 ||
	    strspn(digest + 7, "0123456789abcdef") != 64)
		return NULL;
	return asprintf(&path, BLOBS "%s", digest + 7) < 0 ? NULL : path;
}

static int take_layers(json_t *array, bool by_digest, char ***ret, struct err *err)
{
	size_t n = json_array_size(array);
	_cleanup_(drop_list) char **list = calloc(n + 1, sizeof(*list));

	if (n == 0 || n > LAYERS_MAX || !list)
		return err_set(err, 0, "the image has %zu layers: must be from 1 to %u", n,
			       LAYERS_MAX),
		       -EBADMSG;
	for (size_t i = 0; i < n; i++) {
		json_t *one = json_array_get(array, i);
		const char *name =
			json_string_value(by_digest ? json_object_get(one, "digest") : one);

		list[i] = by_digest ? blob_path(name) : name ? strdup(name) : NULL;
		if (!list[i])
			return err_set(err, 0, "the image's layer %zu has no name that we know", i),
			       -EBADMSG;
	}
	*ret = TAKE_PTR(list);
	return 1;
}

/* Of several, the one for Linux on this kind of machine. */
static json_t *choose(json_t *manifests)
{
#if defined(__x86_64__)
	static const char ours[] = "amd64";
#elif defined(__aarch64__)
	static const char ours[] = "arm64";
#else
	static const char ours[] = "";
#endif
	json_t *one;
	size_t i;

	if (json_array_size(manifests) == 1)
		return json_array_get(manifests, 0);
	json_array_foreach(manifests, i, one) {
		json_t *platform = json_object_get(one, "platform");
		const char *os = json_string_value(json_object_get(platform, "os"));
		const char *cpu = json_string_value(json_object_get(platform, "architecture"));

		if (os && cpu && !strcmp(os, "linux") && !strcmp(cpu, ours))
			return one;
	}
	return NULL;
}

/* From the index to the manifest, perhaps by another index. */
static int oci_layers(struct unpack *u, json_t *index, char ***ret, struct err *err)
{
	json_t *at = index, *held = NULL;
	int r = err_set(err, ELOOP, "the image's index"), hops;

	for (hops = 0; hops < HOPS_MAX; hops++) {
		json_t *layers = json_object_get(at, "layers");
		json_t *one = choose(json_object_get(at, "manifests"));
		_cleanup_free_ char *path =
			blob_path(json_string_value(json_object_get(one, "digest")));

		if (layers) {
			r = take_layers(layers, true, ret, err);
			break;
		}
		at = path ? load(u, path, err) : NULL;
		json_decref(held);
		held = at;
		if (!at) {
			r = err_set(err, 0, "the image's index names no manifest for this machine");
			r = r < 0 ? r : -EBADMSG;
			break;
		}
	}
	json_decref(held);
	return r;
}

int unpack_image(struct unpack *u, char ***ret_layers, struct err *err)
{
	struct err quiet = ERR_INIT;
	_cleanup_(drop_json) json_t *saved = load(u, "manifest.json", &quiet);
	_cleanup_(drop_json) json_t *index = NULL;

	if (json_is_array(saved) && json_object_get(json_array_get(saved, 0), "Layers")) {
		if (json_array_size(saved) != 1)
			return err_set(err, 0, "there are %zu images in it: save one",
				       json_array_size(saved)),
			       -EBADMSG;
		return take_layers(json_object_get(json_array_get(saved, 0), "Layers"), false,
				   ret_layers, err);
	}
	if (quiet.code)
		return *err = quiet, quiet.code;
	index = load(u, "index.json", &quiet);
	if (json_is_array(json_object_get(index, "manifests")))
		return oci_layers(u, index, ret_layers, err);
	return 0;
}

/* ---- a layer ---- */

/* Reads what is left, so that all of it has been through the hash. */
static int check_digest(struct unpack *u, const char *path, struct err *err)
{
	static unsigned char buf[65536];
	_cleanup_(drop_archive) struct archive *a = NULL;
	unsigned char sum[crypto_hash_sha256_BYTES];
	char hex[2 * crypto_hash_sha256_BYTES + 1];
	crypto_hash_sha256_state h;
	struct archive_entry *e;
	la_ssize_t n;
	int r;

	if (strncmp(path, BLOBS, strlen(BLOBS)) != 0)
		return 0; /* named otherwise */
	r = find(u, path, &a, &e, err);
	if (r < 0 || !a)
		return r;
	crypto_hash_sha256_init(&h);
	while ((n = archive_read_data(a, buf, sizeof(buf))) > 0)
		crypto_hash_sha256_update(&h, buf, (unsigned long long)n);
	if (n < 0)
		return err_set(err, 0, "%s: %s", path, archive_error_string(a)), -EBADMSG;
	crypto_hash_sha256_final(&h, sum);
	sodium_bin2hex(hex, sizeof(hex), sum, sizeof(sum));
	if (strcmp(hex, path + strlen(BLOBS)) != 0)
		return err_set(err, 0, "%s: it is another blob than its name says", path), -EBADMSG;
	return 0;
}

static int read_layer(struct unpack *u, const char *path, bool whiteouts, struct err *err)
{
	_cleanup_(drop_archive) struct archive *outer = NULL;
	_cleanup_(drop_archive) struct archive *layer = NULL;
	struct archive_entry *e;
	int r = find(u, path, &outer, &e, err);

	if (r < 0)
		return r;
	if (!outer)
		return err_set(err, 0, "the image names a layer that it has not: %.200s", path),
		       -EBADMSG;
	layer = unpack_open_within(outer, err);
	if (!layer)
		return -EBADMSG;
	unpack_tell(u, outer);
	r = whiteouts ? unpack_whiteouts(u, layer, err) : unpack_files(u, layer, true, err);
	unpack_close(&layer); /* before what it reads from */
	return r;
}

int unpack_layer(struct unpack *u, const char *path, struct err *err)
{
	int r = check_digest(u, path, err);

	if (r == 0)
		r = read_layer(u, path, true, err);
	return r < 0 ? r : read_layer(u, path, false, err);
}
