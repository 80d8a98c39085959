import { ActionIcon, FileButton, Textarea, Tooltip } from "@mantine/core";
import { IconPaperclip, IconSend2 } from "@tabler/icons-react";
import { type ClipboardEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Room } from "../../generated/api";
import { useChatState, useLogin, useUploadsState } from "../state/context";
import classes from "./Composer.module.css";
import { EmojiButton } from "./EmojiButton";
import { UploadTray } from "./UploadTray";

/** What the server takes, in code points. */
const LONGEST = 10_000;
/** Others are told this often that one types. */
const TYPING_EVERY_MS = 3_000;

/** Where one writes. Enter sends; on a touch keyboard, which has no Shift+Enter, it begins a line. */
export function Composer({ room }: { room: Room }) {
  const { t } = useTranslation();
  const { chat, drafts, uploads } = useLogin();
  const [text, setText] = useState(() => drafts.get(room.id));
  const files = useUploadsState((state) => state[room.id]);
  const input = useRef<HTMLTextAreaElement>(null);
  const typing = useTypingSignal(room.id);
  const isConnected = useChatState(({ status }) => status.state === "online");

  const isUploading = files?.some((file) => file.state === "uploading") ?? false;
  const hasFiles = files?.some((file) => file.state === "done") ?? false;
  const isTooLong = [...text.trim()].length > LONGEST;
  const hasFailed = files?.some((file) => file.state === "failed") ?? false;
  const canSend = !isTooLong && (text.trim() !== "" || hasFiles || isUploading);
  const [waitsForFiles, setWaitsForFiles] = useState(false);

  const write = (value: string) => {
    setText(value);
    drafts.set(room.id, value);
    typing(value !== "");
  };
  const insert = (piece: string) => {
    const field = input.current;
    const start = field?.selectionStart ?? text.length;
    const end = field?.selectionEnd ?? start;
    write(text.slice(0, start) + piece + text.slice(end));
    requestAnimationFrame(() => {
      field?.focus();
      field?.setSelectionRange(start + piece.length, start + piece.length);
    });
  };
  const send = () => {
    if (!canSend) return;
    input.current?.focus();
    setWaitsForFiles(isUploading);
    if (isUploading) return;
    // A message has one file: the text goes with the first.
    const [first = null, ...others] = uploads.takeDone(room.id);
    chat.send(room.id, text.trim(), first);
    for (const file of others) chat.send(room.id, "", file);
    write("");
  };
  // What was sent while a file was on its way goes with it, unless that fails or is cancelled.
  useEffect(() => {
    if (waitsForFiles && (hasFailed || !files?.length)) setWaitsForFiles(false);
    else if (waitsForFiles && !isUploading) send();
  });
  const attach = (chosen: File[]) => {
    uploads.add(room.id, chosen);
    input.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const isTouch = window.matchMedia("(pointer: coarse)").matches;
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing || isTouch) return;
    event.preventDefault();
    send();
  };
  const onPaste = (event: ClipboardEvent) => {
    if (event.clipboardData.files.length === 0) return;
    event.preventDefault();
    attach([...event.clipboardData.files]);
  };

  return (
    <div className={classes.composer}>
      <UploadTray roomId={room.id} />
      <p role="status" className={classes.waiting}>
        {waitsForFiles && t("files.sendsWhenDone")}
      </p>
      <div className={classes.row}>
        <FileButton multiple onChange={attach}>
          {(props) => (
            <Tooltip label={t("files.attach")}>
              <ActionIcon {...props} variant="subtle" color="gray" size="lg" aria-label={t("files.attach")}>
                <IconPaperclip size={20} />
              </ActionIcon>
            </Tooltip>
          )}
        </FileButton>
        <Textarea
          ref={input}
          className={classes.field}
          classNames={{ input: classes.input ?? "" }}
          variant="unstyled"
          autosize
          minRows={1}
          maxRows={10}
          autoFocus={window.matchMedia("(pointer: fine)").matches}
          aria-label={t("message.write", { room: room.name })}
          placeholder={t("message.placeholder")}
          value={text}
          error={isTooLong ? t("message.tooLong", { count: LONGEST }) : undefined}
          onChange={(event) => write(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
          onBlur={() => typing(false)}
        />
        <EmojiButton onPick={insert} />
        <Tooltip label={isConnected ? t("message.send") : t("message.sendLater")}>
          <ActionIcon
            variant="filled"
            size="lg"
            aria-label={t("message.send")}
            aria-disabled={!canSend}
            data-disabled={!canSend}
            onClick={send}
          >
            <IconSend2 size={19} />
          </ActionIcon>
        </Tooltip>
      </div>
    </div>
  );
}

/** Tells the room that one types, not at every key, and when one has stopped. */
function useTypingSignal(roomId: number): (isTyping: boolean) => void {
  const { chat } = useLogin();
  const toldAt = useRef(0);
  const signal = (isTyping: boolean) => {
    if (isTyping && Date.now() - toldAt.current < TYPING_EVERY_MS) return;
    if (!isTyping && toldAt.current === 0) return;
    toldAt.current = isTyping ? Date.now() : 0;
    chat.setTyping(roomId, isTyping);
  };
  useEffect(
    () => () => {
      if (toldAt.current !== 0) chat.setTyping(roomId, false);
    },
    [chat, roomId],
  );
  return signal;
}
