# Files with certificates and keys, as cfgc reads them. The keys among the seeds are used nowhere else.
file(GLOB pem_sources ${PROJECT_SOURCE_DIR}/cfgc/support/*.c)
cfgc_fuzzer(pem
	SOURCES ${PROJECT_SOURCE_DIR}/cfgc/world/pem.c ${pem_sources}
	INCLUDES ${PROJECT_SOURCE_DIR}/cfgc
	LIBRARIES -lssl -lcrypto
	ARGS -dict=${CMAKE_CURRENT_SOURCE_DIR}/pem.dict -max_len=4096)
