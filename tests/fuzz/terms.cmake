# Scanner, parser and expansion of configurations.
set(root ${PROJECT_SOURCE_DIR}/cfgc)
file(GLOB sources CONFIGURE_DEPENDS ${root}/support/*.c ${root}/diag/*.c ${root}/syntax/*.c)
set(generated ${PROJECT_BINARY_DIR}/grammar)
cfgc_fuzzer(terms
	SOURCES ${sources} ${generated}/lexer.c ${generated}/terms.c ${PROJECT_BINARY_DIR}/cfgc/pages/pages.c
	INCLUDES ${root} ${generated}
	DEPENDS cfgc_grammar cfgc_pages
	LIBRARIES -lcrypto -lm
	ARGS -dict=${CMAKE_CURRENT_SOURCE_DIR}/terms.dict -max_len=512)
