# Fuzzers: `fuzz_WHAT CORPUS` runs until it is stopped; ctest gives each a few seconds.
file(GLOB fuzz_sources CONFIGURE_DEPENDS "fuzz/fuzz_*.c")
foreach(source IN LISTS fuzz_sources)
    cmake_path(GET source STEM name)
    add_executable(${name} ${source})
    target_link_libraries(${name} PRIVATE nerve_sim nerve_metrics nerve_language nerve_commit)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    if(NERVE_TESTS)
        # Starts from the scenarios that people run; new inputs are not kept.
        add_test(NAME ${name}
            COMMAND ${name} -max_total_time=10 -timeout=5 -rss_limit_mb=2048 -print_final_stats=1
                    "${PROJECT_BINARY_DIR}/corpus/${name}" "${PROJECT_SOURCE_DIR}/scenarios")
        file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/corpus/${name}")
        set_tests_properties(${name} PROPERTIES TIMEOUT 60 LABELS fuzz
            ENVIRONMENT "${test_environment}")
    endif()
endforeach()
