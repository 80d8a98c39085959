# izpo_embed_docs_ui(<module>)
#
# Puts the scripts and styles of /docs (Swagger UI) and /redoc (ReDoc) into a module, compressed:
# src/api/docs_assets.cpp takes them from the folder IZPO_DOCS_UI. And the description of the events, which
# src/api/asyncapi.cpp takes from docs/.
function(izpo_embed_docs_ui module)
  set(folder "${PROJECT_BINARY_DIR}/generated/docs_ui")
  set(files
    swagger-ui-dist/swagger-ui.css
    swagger-ui-dist/swagger-ui-bundle.js
    swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt
    redoc/bundles/redoc.standalone.js
    redoc/bundles/redoc.standalone.js.LICENSE.txt)
  set(outputs "")
  foreach(file IN LISTS files)
    get_filename_component(name "${file}" NAME)
    list(APPEND outputs "${folder}/${name}.gz")
  endforeach()
  set(script "${PROJECT_SOURCE_DIR}/tools/fetch_docs_ui")
  add_custom_command(
    OUTPUT ${outputs}
    COMMAND "${script}" "${folder}" ${files}
    DEPENDS "${script}"
    COMMENT "Fetching Swagger UI and ReDoc"
    VERBATIM)
  set_source_files_properties("${PROJECT_SOURCE_DIR}/src/${module}/docs_assets.cpp" PROPERTIES
    COMPILE_DEFINITIONS "IZPO_DOCS_UI=\"${folder}\""
    OBJECT_DEPENDS "${outputs}")
set(events "${PROJECT_SOURCE_DIR}/docs/asyncapi.json")
  set_source_files_properties("${PROJECT_SOURCE_DIR}/src/${module}/asyncapi.cpp" PROPERTIES
    COMPILE_DEFINITIONS "IZPO_ASYNCAPI_JSON=\"${events}\""
    OBJECT_DEPENDS "${events}")
endfunction()
