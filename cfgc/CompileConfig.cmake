# compile_config(TARGET server CONFIG file.cfg [ALLOW_UNSUPPORTED] [NO_FILES] [ROOT dir] [INCLUDES file...]
#                [WORKING_DIRECTORY dir])
#
# A target that compiles a configuration into the server binary ${CMAKE_BINARY_DIR}/images/<target>/<target>, beside it
# manifest.json and, when the file holds passwords, <target>.secrets. INCLUDES are the files that the configuration
# includes; their names in it are relative to the working directory (the folder of CONFIG unless it is given). Certificates
# and keys that it names are looked up there as well, or below ROOT, or with NO_FILES not at all.
function(compile_config)
	cmake_parse_arguments(PARSE_ARGV 0 arg "ALLOW_UNSUPPORTED;NO_FILES"
		"TARGET;CONFIG;WORKING_DIRECTORY;ROOT" "INCLUDES")
	if(arg_UNPARSED_ARGUMENTS OR NOT arg_TARGET OR NOT arg_CONFIG)
		message(FATAL_ERROR "compile_config(TARGET name CONFIG file [ALLOW_UNSUPPORTED] [INCLUDES file...])")
	endif()
	get_filename_component(config ${arg_CONFIG} ABSOLUTE)
	get_filename_component(folder ${config} DIRECTORY)
	get_filename_component(name ${config} NAME)
	if(arg_WORKING_DIRECTORY)
		get_filename_component(folder ${arg_WORKING_DIRECTORY} ABSOLUTE)
		file(RELATIVE_PATH name ${folder} ${config})
	endif()
	set(flags)
	if(arg_ALLOW_UNSUPPORTED)
		list(APPEND flags --allow-unsupported)
	endif()
	if(arg_NO_FILES)
		list(APPEND flags --no-files)
	endif()
	if(arg_ROOT)
		get_filename_component(root ${arg_ROOT} ABSOLUTE)
		list(APPEND flags --root=${root})
	endif()
	set(includes)
	foreach(include ${arg_INCLUDES})
		get_filename_component(include ${include} ABSOLUTE)
		list(APPEND includes ${include})
	endforeach()
	set(out ${CMAKE_BINARY_DIR}/images/${arg_TARGET})
	file(MAKE_DIRECTORY ${out})
	add_custom_command(
		OUTPUT ${out}/${arg_TARGET} ${out}/manifest.json
		COMMAND ${CMAKE_COMMAND} -E env CC=${CMAKE_C_COMPILER} $<TARGET_FILE:cfgc> build ${flags}
			--runtime ${CFGC_RUNTIME_DIR} -o ${out}/${arg_TARGET} ${name}
		# A file that is left as it is because its bytes are right would look out of date.
		COMMAND ${CMAKE_COMMAND} -E touch ${out}/${arg_TARGET} ${out}/manifest.json
		WORKING_DIRECTORY ${folder}
		DEPENDS cfgc rt ${CFGC_RUNTIME_DIR}/libcfgc_rt.a rt_headers ${config} ${includes}
		COMMENT "cfgc ${name}"
		VERBATIM)
	add_custom_target(${arg_TARGET} DEPENDS ${out}/${arg_TARGET})
endfunction()
