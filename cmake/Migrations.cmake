# izpo_embed_migrations(<module> <dialect>)
#
# Compiles the migrations of one SQL dialect into a module, as `izpo::<dialect>::migrations()`: of every number either
# migrations/NNNN_name.sql or migrations/NNNN_name.<dialect>.sql, in order.
function(izpo_embed_migrations module dialect)
  string(REPLACE "/" "_" target "izpo_${module}")
  file(GLOB files CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/migrations/*.sql")
  set(output "${PROJECT_BINARY_DIR}/generated/${dialect}_migrations.cpp")
  set(script "${PROJECT_SOURCE_DIR}/cmake/EmbedMigrations.cmake")
  add_custom_command(
    OUTPUT "${output}"
    COMMAND "${CMAKE_COMMAND}" "-DDIALECT=${dialect}" "-DFOLDER=${PROJECT_SOURCE_DIR}/migrations" "-DOUTPUT=${output}"
            -P "${script}"
    DEPENDS "${script}" ${files}
    VERBATIM)
  target_sources(${target} PRIVATE "${output}")
endfunction()
