#include "api/texts.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "domain/checked.hpp"
#include "domain/reasons.hpp"

namespace izpo::api {

namespace {

struct Sentence {
  std::string_view spanish;
  std::string_view english;

  constexpr std::string_view in(Language language) const {
    return language == Language::kSpanish ? spanish : english;
  }
};

struct ReasonText {
  Reason reason;
  Sentence text;
};

constexpr std::array kReasonTexts{
    ReasonText{reason::kValidation,
               {"Hay datos que no son válidos: revisa los campos indicados.",
                "Some of the data is not valid: check the fields that are named."}},
    ReasonText{reason::kMalformedRequest,
               {"No se ha entendido la petición: no es HTTP válido.",
                "The request could not be understood: it is not valid HTTP."}},
    ReasonText{reason::kPathNotFound,
               {"Aquí no hay nada: comprueba la dirección.", "There is nothing here: check the address."}},
    ReasonText{reason::kMethodNotAllowed,
               {"Esta dirección no admite ese método: la cabecera Allow dice cuáles admite.",
                "This address does not take that method: the Allow header says which it takes."}},
    ReasonText{reason::kBodyTooLarge,
               {"Lo que envías es demasiado grande: redúcelo y vuelve a intentarlo.",
                "What you are sending is too large: make it smaller and try again."}},
    ReasonText{
        reason::kHeadersTooLarge,
        {"Las cabeceras de la petición son demasiado grandes.", "The request's headers are too large."}},
    ReasonText{reason::kRequestTimeout,
               {"La petición ha tardado demasiado en llegar: vuelve a intentarlo.",
                "The request took too long to arrive: try again."}},
    ReasonText{reason::kUpgradeRequired,
               {"Esta dirección es un WebSocket: ábrela con un cliente de WebSocket.",
                "This address is a WebSocket: open it with a WebSocket client."}},
    ReasonText{reason::kRateLimited,
               {"Demasiadas peticiones: espera un momento y vuelve a intentarlo.",
                "Too many requests: wait a moment and try again."}},
    ReasonText{reason::kOverloaded,
               {"El servidor está saturado: vuelve a intentarlo en unos segundos.",
                "The server is overloaded: try again in a few seconds."}},
    ReasonText{reason::kShuttingDown,
               {"El servidor se está reiniciando: vuelve a intentarlo en unos segundos.",
                "The server is restarting: try again in a few seconds."}},
    ReasonText{reason::kStorageUnavailable,
               {"Los datos no están disponibles en este momento: vuelve a intentarlo en unos segundos.",
                "The data is not available right now: try again in a few seconds."}},
    ReasonText{reason::kStorageFull,
               {"El servidor se ha quedado sin espacio: avisa a quien lo administra.",
                "The server has run out of space: tell whoever runs it."}},
    ReasonText{
        reason::kInternal,
        {"Algo ha fallado en el servidor. Si se repite, avisa a quien lo administra e indica el request_id.",
         "Something went wrong in the server. If it happens again, tell whoever runs it, with the "
         "request_id."}},

    ReasonText{reason::kEmailTaken,
               {"Ya hay una cuenta con ese correo: inicia sesión o usa otro.",
                "There already is an account with that e-mail address: log in, or use another one."}},
    ReasonText{reason::kUsernameTaken,
               {"Ese nombre de usuario ya está en uso, o se parece demasiado a uno que lo está: elige otro.",
                "That username is taken, or looks too much like one that is: choose another one."}},
    ReasonText{reason::kUserNotFound,
               {"No existe ese usuario: comprueba su nombre o su id.",
                "There is no such user: check the name or the id."}},
    ReasonText{reason::kNotAuthenticated,
               {"Tienes que iniciar sesión para hacer esto.", "You have to log in to do this."}},
    ReasonText{reason::kInvalidToken,
               {"El token no es válido: inicia sesión de nuevo.", "The token is not valid: log in again."}},
    ReasonText{reason::kTokenExpired,
               {"Tu sesión ha caducado: renuévala o inicia sesión de nuevo.",
                "Your session has expired: refresh it, or log in again."}},
    ReasonText{reason::kInvalidCredentials,
               {"El usuario o la contraseña no son correctos.", "The username or the password is wrong."}},
    ReasonText{reason::kInvalidRefreshToken,
               {"La sesión ya no se puede renovar: inicia sesión de nuevo.",
                "This session can no longer be refreshed: log in again."}},
    ReasonText{reason::kWrongCurrentPassword,
               {"Tu contraseña actual no es esa: escríbela de nuevo.",
                "That is not your current password: type it again."}},
    ReasonText{reason::kInactiveUser,
               {"Esta cuenta está desactivada: habla con quien administra el servidor.",
                "This account is deactivated: talk to whoever runs the server."}},
    ReasonText{reason::kTooManyLogins,
               {"Demasiados intentos de inicio de sesión: espera un poco antes de volver a probar.",
                "Too many attempts to log in: wait a little before you try again."}},

    ReasonText{reason::kInvalidRoomId,
               {"El id de una sala es un número mayor que 0.", "A room's id is a number greater than 0."}},
    ReasonText{reason::kRoomNotFound,
               {"No existe esa sala, o no tienes acceso a ella.",
                "There is no such room, or you have no access to it."}},
    ReasonText{reason::kNotOwner,
               {"Solo quien es dueño de la sala puede hacer esto.", "Only the room's owner can do this."}},
    ReasonText{reason::kRemovedFromRoom,
               {"Te han quitado de esta sala: pide a su dueño que te añada de nuevo.",
                "You have been removed from this room: ask its owner to add you again."}},
    ReasonText{reason::kOwnerCannotLeave,
               {"La sala es tuya y no puedes salir de ella: pásasela antes a otra persona, o elimínala.",
                "The room is yours, so you cannot leave it: hand it over first, or delete it."}},
    ReasonText{reason::kOwnerCannotBeRemoved,
               {"No se puede quitar de la sala a quien es su dueño.",
                "The room's owner cannot be removed from it."}},
    ReasonText{reason::kNotMember,
               {"No estás en esta sala: únete a ella primero.", "You are not in this room: join it first."}},
    ReasonText{reason::kMemberNotFound,
               {"Esa persona no está en la sala: añádela primero.",
                "That person is not in the room: add them first."}},

    ReasonText{reason::kEmptyMessage,
               {"El mensaje está vacío: escribe algo.", "The message is empty: write something."}},
    ReasonText{reason::kMessageTooLong,
               {"El mensaje es demasiado largo: el máximo son 10 000 caracteres.",
                "The message is too long: 10,000 characters is the most."}},
    ReasonText{reason::kInvalidText,
               {"El texto tiene caracteres que no se pueden guardar.",
                "The text has characters that cannot be stored."}},
    ReasonText{reason::kInvalidClientId,
               {"client_id es un texto de 1 a 64 caracteres.", "client_id is a text of 1 to 64 characters."}},
    ReasonText{reason::kClientIdConflict,
               {"Ya enviaste otro mensaje con ese client_id: usa uno nuevo.",
                "You have already sent another message with that client_id: use a new one."}},
    ReasonText{reason::kFileNotFound,
               {"No existe ese archivo, o no es tuyo.", "There is no such file, or it is not yours."}},
    ReasonText{reason::kNotUploader,
               {"Solo quien subió el archivo puede hacer esto.", "Only who uploaded the file can do this."}},
    ReasonText{reason::kLinkExpired,
               {"Este enlace ha caducado: vuelve a abrir el archivo desde el chat.",
                "This link has expired: open the file from the chat again."}},
    ReasonText{reason::kEmptyFile, {"El archivo está vacío.", "The file is empty."}},
    ReasonText{reason::kFileTooLarge,
               {"El archivo es demasiado grande: el máximo son {max_file_size_mb} MB.",
                "The file is too large: {max_file_size_mb} MB is the most."}},
    ReasonText{reason::kQuotaExceeded,
               {"No te queda espacio para este archivo: borra alguno de los tuyos.",
                "You have no space left for this file: delete some of yours."}},
    ReasonText{reason::kTooManyFiles,
               {"Son demasiados archivos: como máximo {max_files} a la vez.",
                "Too many files: {max_files} at once is the most."}},
    ReasonText{reason::kTypeNotAllowed,
               {"No se admiten archivos de este tipo: «{filename}».",
                "Files of this type are not allowed: “{filename}”."}},
    ReasonText{reason::kTypeMismatch,
               {"«{filename}» se llama como {named_type}, pero su contenido es {found_type}.",
                "“{filename}” is named like {named_type}, but its content is {found_type}."}},
    ReasonText{reason::kFileInfected,
               {"«{filename}» contiene un virus y no se ha guardado.",
                "“{filename}” has a virus in it and was not kept."}},
    ReasonText{reason::kScannerUnavailable,
               {"Los archivos no se pueden comprobar en este momento: vuelve a intentarlo en unos segundos.",
                "Files cannot be checked right now: try again in a few seconds."}},
    ReasonText{
        reason::kNoThumbnail,
        {"De este archivo no hay una imagen más pequeña.", "There is no smaller picture of this file."}},
    ReasonText{reason::kMalformedForm,
               {"No se ha entendido el formulario: no es multipart/form-data válido, o llegó cortado.",
                "The form could not be understood: it is not valid multipart/form-data, or it was cut off."}},
    ReasonText{reason::kRangeNotSatisfiable,
               {"El archivo no tiene esa parte: Content-Range dice cuánto mide.",
                "The file has no such part: Content-Range says how long it is."}},
    ReasonText{reason::kInvalidJson, {"El mensaje no es JSON válido.", "The message is not valid JSON."}},
    ReasonText{reason::kUnknownEvent,
               {"No se conoce ese tipo de evento.", "That type of event is not known."}},
    ReasonText{reason::kTextFramesOnly,
               {"Aquí solo se aceptan tramas de texto.", "Only text frames are taken here."}},
    ReasonText{reason::kTooManySubscriptions,
               {"Sigues demasiadas salas con esta conexión: deja de seguir alguna.",
                "You follow too many rooms on this connection: unsubscribe from some."}},
    ReasonText{reason::kSlowConsumer,
               {"Tu conexión va demasiado lenta: vuelve a conectarte y recibirás lo que falta.",
                "Your connection is too slow: connect again and you will receive what is missing."}},
    ReasonText{reason::kLoginEnded,
               {"Tu sesión ha terminado: inicia sesión de nuevo.", "Your login has ended: log in again."}},
    ReasonText{reason::kRoomGone, {"Esta sala se ha eliminado.", "This room has been deleted."}},
};

constexpr const Sentence* find_text(const Reason& reason) {
  for (const auto& entry : kReasonTexts) {
    if (entry.reason == reason) return &entry.text;
  }
  return nullptr;
}

static_assert(std::ranges::all_of(reason::kAll,
                                  [](const Reason& reason) { return find_text(reason) != nullptr; }),
              "a reason has no sentence");

struct FaultText {
  std::string_view type;
  std::string_view argument;  // empty: any
  Sentence text;              // "{}" stands for the argument
};

// The types are pydantic v2's; the English sentences too, where it has one.
constexpr std::array kFaultTexts{
    FaultText{"missing", "", {"Falta este campo", "Field required"}},
    FaultText{"string_type", "", {"Debe ser un texto", "Input should be a valid string"}},
    FaultText{"string_too_short",
              "1",
              {"Debe tener al menos 1 carácter", "String should have at least 1 character"}},
    FaultText{"string_too_short",
              "",
              {"Debe tener al menos {} caracteres", "String should have at least {} characters"}},
    FaultText{"string_too_long",
              "",
              {"Debe tener como máximo {} caracteres", "String should have at most {} characters"}},
    FaultText{"int_type", "", {"Debe ser un número entero", "Input should be a valid integer"}},
    FaultText{"int_parsing",
              "",
              {"Debe ser un número entero",
               "Input should be a valid integer, unable to parse string as an integer"}},
    FaultText{"int_from_float",
              "",
              {"Debe ser un número entero, sin decimales",
               "Input should be a valid integer, got a number with a fractional part"}},
    FaultText{"finite_number", "", {"Debe ser un número finito", "Input should be a finite number"}},
    FaultText{"greater_than_equal",
              "",
              {"Debe ser mayor o igual que {}", "Input should be greater than or equal to {}"}},
    FaultText{"bool_type", "", {"Debe ser verdadero o falso", "Input should be a valid boolean"}},
    FaultText{"bool_parsing",
              "",
              {"Debe ser verdadero o falso", "Input should be a valid boolean, unable to interpret input"}},
    FaultText{"json_invalid", "", {"El cuerpo no es JSON válido", "JSON decode error"}},
    FaultText{
        "model_attributes_type",
        "",
        {"Debe ser un objeto JSON", "Input should be a valid dictionary or object to extract fields from"}},
    FaultText{"value_error",
              rule::kUsernameCharacters,
              {"Usa letras, cifras, «_», «.» y «-», y al menos una letra o cifra",
               "Use letters, digits, “_”, “.” and “-”, and at least one letter or digit"}},
    FaultText{"value_error",
              rule::kEmail,
              {"Debe ser una dirección de correo, como nombre@example.org",
               "Should be an e-mail address, such as name@example.org"}},
    FaultText{"value_error",
              rule::kText,
              {"Tiene caracteres que no se pueden guardar", "Has characters that cannot be stored"}},
    FaultText{"value_error",
              rule::kSingleLineText,
              {"Debe ser una sola línea, sin caracteres invisibles",
               "Should be a single line without invisible characters"}},
    FaultText{"value_error",
              "one_of_user_id_and_username",
              {"Indica user_id o username, pero no los dos", "Give user_id or username, not both"}},
    FaultText{
        "value_error",
        "one_cursor",
        {"Usa un solo cursor: before, after o after_seq", "Use one cursor only: before, after or after_seq"}},
    FaultText{"value_error", "", {"El valor no es válido", "The value is not valid"}},
};

constexpr Sentence phrase_text(Phrase phrase) {
  switch (phrase) {
    case Phrase::kJoined:
      return {"Te has unido a la sala exitosamente", "You have joined the room successfully"};
    case Phrase::kAlreadyMember: return {"Ya estás en esta sala", "You are already in this room"};
    case Phrase::kLeft: return {"Has salido de la sala exitosamente", "You have left the room successfully"};
    case Phrase::kMemberRemoved:
      return {"Esa persona ya no está en la sala", "That person is no longer in the room"};
    case Phrase::kRoomDeleted: return {"La sala se ha eliminado", "The room has been deleted"};
    case Phrase::kPasswordChanged:
      return {"Tu contraseña ha cambiado y tus otras sesiones se han cerrado",
              "Your password has been changed, and your other logins have ended"};
    case Phrase::kLoggedOut: return {"Has cerrado la sesión", "You have logged out"};
    case Phrase::kFileDeleted: return {"El archivo se ha eliminado", "The file has been deleted"};
    case Phrase::kRunning: return {"El servidor de chat está en marcha", "The chat server is running"};
    case Phrase::kHomeAbout:
      return {
          "Aquí vive el chat de un equipo: salas, mensajes y su historial. Los programas hablan con este "
          "servidor por HTTP y WebSocket.",
          "This is where a team’s chat lives: rooms, messages and their history. Programs talk to this "
          "server "
          "over HTTP and WebSocket."};
    case Phrase::kHomeState: return {"En marcha", "Running"};
    case Phrase::kHomeDocs: return {"Probar la API", "Try the API"};
    case Phrase::kHomeReference: return {"Leer la referencia", "Read the reference"};
    case Phrase::kHomeDocument: return {"El documento OpenAPI", "The OpenAPI document"};
    case Phrase::kHomeEvents: return {"Los eventos en directo", "The live events"};
    case Phrase::kWelcome: return {"Te damos la bienvenida a la sala", "Welcome to the room"};
  }
  std::unreachable();
}

}  // namespace

std::string_view sentence(const Reason& reason, Language language) {
  const Sentence* text = find_text(reason);
  return (text == nullptr ? find_text(reason::kInternal) : text)->in(language);
}

std::string sentence(const Error& error, Language language) {
  std::string text(sentence(error.reason, language));
  for (const auto& [name, value] : error.details) {
    const std::string place = '{' + std::string(name) + '}';
    const auto at = text.find(place);
    if (at == std::string::npos) continue;
    const auto* number = std::get_if<std::int64_t>(&value);
    text.replace(at, place.size(),
                 number != nullptr ? std::to_string(*number) : std::get<std::string>(value));
  }
  return text;
}

std::string sentence(const FieldError& fault, Language language) {
  const auto found = std::ranges::find_if(kFaultTexts, [&](const FaultText& entry) {
    return entry.type == fault.type && (entry.argument.empty() || entry.argument == fault.argument);
  });
  const FaultText& entry = found == kFaultTexts.end() ? kFaultTexts.back() : *found;
  std::string text(entry.text.in(language));
  if (const auto place = text.find("{}"); place != std::string::npos) text.replace(place, 2, fault.argument);
  return text;
}

std::string_view sentence(Phrase phrase, Language language) {
  return phrase_text(phrase).in(language);
}

}  // namespace izpo::api
