# Every check of a configuration, and the writing of C; the annotated files of tests/diag are what it starts from.
set(root ${PROJECT_SOURCE_DIR}/cfgc)
file(GLOB sources CONFIGURE_DEPENDS ${root}/support/*.c ${root}/diag/*.c ${root}/syntax/*.c ${root}/schema/*.c
	${root}/model/*.c ${root}/emit/emit*.c ${root}/emit/ident.c)
set(built ${PROJECT_BINARY_DIR})
cfgc_fuzzer(check
	SOURCES ${sources} ${built}/grammar/lexer.c ${built}/grammar/terms.c ${built}/templates/templates.c
		${built}/cfgc/pages/pages.c
	INCLUDES ${root} ${built}/grammar ${built}/templates ${PROJECT_SOURCE_DIR}/runtime/include
	DEPENDS cfgc_grammar cfgc_templates cfgc_pages
	LIBRARIES -lidn -lpcre2-8 -lcrypto -lm
	RUNS 2000
	ARGS -dict=${CMAKE_CURRENT_SOURCE_DIR}/terms.dict -max_len=6000
	SEEDS ${PROJECT_SOURCE_DIR}/tests/diag)
