import { useTranslation } from "react-i18next";
import { useFormats } from "../common/format";
import { useChatState, useLogin } from "../state/context";
import classes from "./TypingLine.module.css";

const MOST_NAMED = 3;

export function TypingLine({ roomId }: { roomId: number }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { me } = useLogin();
  const typing = useChatState((state) => state.typing[roomId]);
  const names = Object.entries(typing ?? {}).flatMap(([id, name]) => (Number(id) === me.id ? [] : name));
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
