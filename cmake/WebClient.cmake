# izpo_embed_web_client(<program>)
#
# Puts the web client into a program, as `izpo::api::embedded_web_client()`. It is built once for all presets, into
# build/web, and again when something in web/ or the API's document changed. With IZPO_WEB=OFF there is none, and Node
# is not needed.
function(izpo_embed_web_client program)
  if(NOT IZPO_WEB)
    set(source "${PROJECT_BINARY_DIR}/generated/no_web_client.cpp")
    file(CONFIGURE OUTPUT "${source}" CONTENT [[
#include "api/web_client.hpp"

izpo::api::WebClient izpo::api::embedded_web_client() {
  return {};
}
]] @ONLY)
    target_sources(${program} PRIVATE "${source}")
    return()
  endif()
  set(web "${PROJECT_SOURCE_DIR}/web")
  file(GLOB_RECURSE files CONFIGURE_DEPENDS "${web}/app/src/*" "${web}/realtime/src/*")
  file(GLOB settings CONFIGURE_DEPENDS "${web}/*.json" "${web}/*.mjs" "${web}/app/*.json" "${web}/app/*.ts"
    "${web}/app/*.html" "${web}/realtime/*.json")
  set(script "${PROJECT_SOURCE_DIR}/tools/build_web")
  set(source "${PROJECT_BINARY_DIR}/generated/web_client.cpp")
  add_custom_command(
    OUTPUT "${source}"
    COMMAND "${script}" "${source}"
    DEPENDS "${script}" "${PROJECT_SOURCE_DIR}/tools/node" "${PROJECT_SOURCE_DIR}/docs/openapi.json" ${files} ${settings}
    COMMENT "Building the web client"
    VERBATIM)
  target_sources(${program} PRIVATE "${source}")
endfunction()
