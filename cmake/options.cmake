# How everything is compiled: the target nerve_flags, which every target of ours links.

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}")

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug or Release" FORCE)
endif()

find_program(NERVE_CCACHE ccache)
mark_as_advanced(NERVE_CCACHE)
if(NERVE_CCACHE AND NOT CMAKE_C_COMPILER_LAUNCHER)
    set(CMAKE_C_COMPILER_LAUNCHER "${NERVE_CCACHE}")
endif()

add_library(nerve_flags INTERFACE)
target_include_directories(nerve_flags INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_definitions(nerve_flags INTERFACE
    _GNU_SOURCE
    NERVE_VERSION="${PROJECT_VERSION}")
target_compile_options(nerve_flags INTERFACE
    # One digest for every compiler: a fused multiply-add would round differently.
    -ffp-contract=off
    # Places in messages are written from the root, whatever the folder is called.
    "-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/="
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
    # NERVE_ASSERT(!"what cannot be") is meant.
    $<$<C_COMPILER_ID:Clang>:-Wno-string-conversion>
    # A text that is cut at the end of its buffer is cut on purpose; and gcc 12 sees pointers dangle
    # that were handed back by a function with a loop of locals.
    $<$<C_COMPILER_ID:GNU>:-Wno-format-truncation -Wno-dangling-pointer>
    $<$<BOOL:${NERVE_WERROR}>:-Werror>)

if(NERVE_SANITIZE)
    target_compile_options(nerve_flags INTERFACE
        -fsanitize=${NERVE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(nerve_flags INTERFACE -fsanitize=${NERVE_SANITIZE})
endif()

if(NERVE_FUZZ)
    # Coverage for libFuzzer in every object; only the fuzzers link its main().
    target_compile_options(nerve_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

if(NERVE_LTO)
    set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
endif()
