# cmake --install: the program, what it reads, what people read.

if(TARGET nerve)
    install(TARGETS nerve RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()
install(DIRECTORY scenarios strategies hosts
    DESTINATION "${CMAKE_INSTALL_DATADIR}/nerve"
    FILES_MATCHING PATTERN "*.yml" PATTERN language EXCLUDE)
install(DIRECTORY docs/ DESTINATION "${CMAKE_INSTALL_DOCDIR}/docs" FILES_MATCHING PATTERN "*.md")
install(FILES README.md ARCHITECTURE.md LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}" OPTIONAL)
