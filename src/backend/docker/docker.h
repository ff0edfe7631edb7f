/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Docker backend: each box is one container of a Docker Engine, made ahead, used once.  There is no warden and
 * no root here; but whoever may talk to the engine could be root on its host, so this process is to be trusted as much.
 */
#pragma once

#include "backend/backend.h"
#include "model/text.h"

struct sock_filter;

struct docker_config {
	const char *host;	   /* as in http.h */
	struct text ca, cert, key; /* PEM, or nothing */
	const char *image;	   /* a name, name@sha256:digest, or an id */
	const char *runtime;	   /* NULL: the engine's default */
	struct text profile;	   /* seccomp, in Docker's format */
	const struct sock_filter
		*filter; /* the same compiled, whole: what programs get from the runner */
	unsigned filter_len;
	const char *const
		*programs; /* of the languages, NULL-terminated; all of these are borrowed */
	unsigned lanes;
	unsigned spares; /* containers that wait for orders, at most */
	/* Why a box was not made; may be NULL. From the loop. */
	void (*on_trouble)(const char *job, const char *why);
	bool ahead; /* they are made before there is anything to run, and always replaced */
};

/*       id        name           required  what it gives, and how to get it where it is missing */
#define DOCKER_FACTS(X) \
	X(PROFILE, "seccomp-profile", true, "the profile of programs can be read", \
	  "make it readable, or name another with --profile") \
	X(ENGINE, "engine", true, "a Docker Engine answers", \
	  "start the daemon (systemctl start docker), or say where it is with --docker-host") \
	X(ACCESS, "engine-access", true, "it is ours to use", \
	  "run as root or as a member of the socket's group (usermod -aG docker USER); for tcp:// the right certificates") \
	X(API, "api", true, "its API is one that we speak", "an engine of 19.03 or later") \
	X(IMAGE, "image", true, "the image of the boxes", \
	  "docker build -t kodewar-sandbox -f Dockerfile.sandbox ., or name another with --docker-image") \
	X(CONTAINER, "container", true, "a container of it starts, and the runner in it answers", \
	  "an image that was built by Dockerfile.sandbox from this version, and a runtime that works (docker run --rm IMAGE)") \
	X(RUNTIME, "runtime", true, "the OCI runtime", \
	  "add it to \"runtimes\" of /etc/docker/daemon.json and restart the daemon, or choose another with --docker-runtime") \
	X(SECCOMP, "engine-seccomp", true, "it can filter system calls", \
	  "a kernel with CONFIG_SECCOMP_FILTER, and a daemon that was built with seccomp") \
	X(MEMORY, "limit-memory", true, "it can bound memory", \
	  "the memory controller: boot with cgroup_enable=memory, or cgroup v2 with it delegated to the daemon") \
	X(SWAP, "limit-swap", true, "it can keep boxes from swapping", \
	  "boot with swapaccount=1, or cgroup v2") \
	X(PIDS, "limit-pids", true, "it can bound processes", \
	  "the pids controller; Linux 4.3 or later, and delegated where the daemon is rootless") \
	X(CPU, "limit-cpu", true, "it can bound processor bandwidth", \
	  "CONFIG_CFS_BANDWIDTH, and the cpu controller delegated where the daemon is rootless") \
	X(IO, "limit-io", false, "it can bound the disk's rate", \
	  "an engine of this host with its data on a disk of its own kind, and the io controller") \
	X(USERNS, "engine-userns", false, "uids of boxes are none of the host's", \
	  "\"userns-remap\": \"default\" in /etc/docker/daemon.json") \
	X(LSM, "engine-lsm", false, "AppArmor confines containers", \
	  "a kernel with AppArmor enabled, and apparmor_parser")

enum docker_fact {
#define DOCKER_FACT_ENUM(id, name, required, doc, cure) DOCKER_##id,
	DOCKER_FACTS(DOCKER_FACT_ENUM)
#undef DOCKER_FACT_ENUM
		DOCKER_FACTS_COUNT,
};

enum docker_state { DOCKER_UNKNOWN, DOCKER_OK, DOCKER_MISSING };

struct docker_fact_info {
	const char *name;
	bool required;
	const char *doc, *cure;
};
extern const struct docker_fact_info docker_facts[DOCKER_FACTS_COUNT];

struct docker_findings {
	struct {
		enum docker_state state;
		char detail[200]; /* ok: which one; else why */
	} facts[DOCKER_FACTS_COUNT];
};

/*
 * Turns the loop until the engine was examined, and leftovers of dead instances are removed. Fails where something required is missing.
 * findings (may be NULL) is filled in either way.
 */
int docker_new(sd_event *loop, const struct docker_config *c, struct backend **ret,
	       struct docker_findings *findings, struct err *err);
/* One of `programs`: 1 in the image, 0 not, -1 unknown until a container has said hello. */
int docker_has(struct backend *b, const char *program);
/* After boxes were tried: whether one came to life (DOCKER_CONTAINER), and why not. */
void docker_tell_container(struct backend *b, struct docker_findings *f);
/* The image as it was named, and its id. */
const char *docker_image(struct backend *b);
