import { useTranslation } from "react-i18next";
import type { Room } from "../../generated/api";
import { useFormats } from "../common/format";
import { displayName } from "../common/UserAvatar";
import { useChatState, useLogin } from "../state/context";
import classes from "./TypingLine.module.css";

const MOST_NAMED = 3;

export function TypingLine({ room }: { room: Room }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { me } = useLogin();
  const typing = useChatState((state) => state.typing[room.id]);
  const names = Object.entries(typing ?? {}).flatMap(([id, name]) => {
    if (Number(id) === me.id) return [];
    const member = room.members?.find((candidate) => candidate.id === Number(id));
    return member ? displayName(member) : name;
  });
  const text =
    names.length > MOST_NAMED
      ? t("message.manyTyping")
      : t("message.typing", { names: formats.list(names), count: names.length });
  return (
    <div className={classes.line} aria-live="polite">
      {names.length > 0 && (
        <>
          <span className={classes.dots} aria-hidden>
            <i />
            <i />
            <i />
          </span>
          {text}
        </>
      )}
    </div>
  );
}
