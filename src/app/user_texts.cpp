#include "app/user_texts.hpp"

namespace izpo::app {
namespace {

constexpr UserTexts kSpanish{
    .created = "Cuenta {} creada, con el id {}.",
    .activated = "Cuenta {} activada.",
    .deactivated = "Cuenta {} desactivada; sus sesiones han terminado.",
    .password_set = "Contraseña de {} cambiada; sus sesiones han terminado.",
    .made_password = "Contraseña (no se volverá a mostrar): {}",
    .ask_password = "Contraseña: ",
    .ask_again = "Otra vez: ",
    .passwords_differ = "Las dos contraseñas no son iguales; inténtalo de nuevo.",
    .no_password = "Falta la contraseña: dala con --password-stdin, o pide una nueva con --make-password.",
    .no_such_user = "No hay ninguna cuenta con el nombre {}; `izpochat user list` las muestra todas.",
    .no_database =
        "No hay ninguna base de datos en {}; revisa DATA_DIR y DATABASE_URL, o créala con `izpochat "
        "migrate`.",
};

constexpr UserTexts kEnglish{
    .created = "Account {} made, with id {}.",
    .activated = "Account {} activated.",
    .deactivated = "Account {} deactivated; its logins have ended.",
    .password_set = "Password of {} changed; its logins have ended.",
    .made_password = "Password (it will not be shown again): {}",
    .ask_password = "Password: ",
    .ask_again = "Once more: ",
    .passwords_differ = "The two passwords differ; try again.",
    .no_password =
        "A password is missing: give it with --password-stdin, or ask for a new one with --make-password.",
    .no_such_user = "There is no account with the name {}; `izpochat user list` shows all of them.",
    .no_database =
        "There is no database at {}; check DATA_DIR and DATABASE_URL, or make it with `izpochat migrate`.",
};

}  // namespace

const UserTexts& user_texts(api::Language language) {
  return language == api::Language::kSpanish ? kSpanish : kEnglish;
}

}  // namespace izpo::app
