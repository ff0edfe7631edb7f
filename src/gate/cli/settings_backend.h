/* SPDX-License-Identifier: Apache-2.0 */
/* The part of settings.h that says who makes boxes; not to be included by itself. */
#pragma once

/* The words of SETTING_BACKEND, in their order. */
enum backend_kind { BACKEND_NATIVE, BACKEND_DOCKER };

#define SETTING_BACKEND \
	SETTING_( \
		"backend", 0, OPTION_CHOICE, "native|docker", backend, 0, 0, \
		"who makes boxes: native, this kernel by ourselves (the default), or docker, a Docker Engine with a container for each box")
#define SETTING_DOCKER_HOST \
	SETTING_TEXT( \
		"docker-host", 0, "URL", docker_host, \
		"where the engine is: unix:///var/run/docker.sock when not given, unix:///PATH, or tcp://NAME:PORT with --docker-tls")
#define SETTING_DOCKER_TLS \
	SETTING_TEXT("docker-tls", 0, "DIR", docker_tls, \
		     "ca.pem, cert.pem and key.pem for an engine behind tcp://")
#define SETTING_DOCKER_IMAGE \
	SETTING_TEXT( \
		"docker-image", 0, "IMAGE", docker_image, \
		"the image of boxes, kodewar-sandbox when not given; NAME@sha256:DIGEST pins it, and its id is taken once at the start in any case")
#define SETTING_DOCKER_RUNTIME \
	SETTING_TEXT( \
		"docker-runtime", 0, "NAME", docker_runtime, \
		"the engine's OCI runtime for boxes, such as runc, crun, runsc or kata; its default when not given")
#define SETTINGS_OF_BACKEND \
	SETTING_BACKEND, SETTING_DOCKER_HOST, SETTING_DOCKER_TLS, SETTING_DOCKER_IMAGE, \
		SETTING_DOCKER_RUNTIME
