/* fake_gen.c - see fake_gen.h. */
#include "fake_gen.h"

#include <string.h>

const struct rt_iq_row *fake_gen_no_iq(const char *ns, size_t len)
{
	(void)ns;
	(void)len;
	return NULL;
}

int fake_gen_host_find(const char *name, size_t len)
{
	return len == sizeof(FAKE_HOST) - 1 && memcmp(name, FAKE_HOST, len) == 0 ? 0 : RT_HOST_NONE;
}

static const char *const files[] = {"fake.cfg"};

static const struct rt_host_spec hosts[] = {
	{
		.name = FAKE_HOST,
		.auth = {.internal = true,
			 .scram_iterations = 4096,
			 .mechanisms = RT_SASL_PLAIN | RT_SASL_SCRAM},
		.iq_host = fake_gen_no_iq,
		.iq_account = fake_gen_no_iq,
		.at = RT_AT(0, 1, 1),
	},
};

const struct rt_gen rt_gen = {
	.abi_major = RT_GEN_ABI_MAJOR,
	.abi_minor = RT_GEN_ABI_MINOR,
	.abi_anchor = &rt_gen_abi_1,
	.gen_size = sizeof(struct rt_gen),
	.listener_size = sizeof(struct rt_listener_spec),
	.host_size = sizeof(struct rt_host_spec),
	.config_id = "sha256:fake",
	.cfgc_version = "0",
	.manifest = "{}",
	.files = files,
	.nfiles = 1,
	.hosts = hosts,
	.nhosts = 1,
	.host_find = fake_gen_host_find,
	.language = "en",
	.loglevel = 3,
	.registration_timeout = 600,
};
