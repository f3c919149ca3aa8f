# cmake -D SOURCE=DIR -D HEADER=FILE -P write_commit.cmake
cmake_minimum_required(VERSION 3.25)
set(commit unknown)
find_program(GIT git)
if(GIT AND EXISTS "${SOURCE}/.git")
    # The checkout may be another user's (a container's root builds it); this only reads it.
    execute_process(
        COMMAND "${GIT}" -c "safe.directory=*" -C "${SOURCE}" describe --always --dirty --abbrev=12
        OUTPUT_VARIABLE out OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE status)
    if(status EQUAL 0 AND out)
        set(commit "${out}")
    endif()
endif()
file(CONFIGURE OUTPUT "${HEADER}" CONTENT "#define NERVE_COMMIT \"${commit}\"\n")
