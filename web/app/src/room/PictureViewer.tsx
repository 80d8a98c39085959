import type { AttachedFile } from "@izpochat/realtime";
import { ActionIcon, Modal } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconChevronLeft, IconChevronRight, IconDownload, IconExternalLink, IconX } from "@tabler/icons-react";
import { createContext, type ReactNode, use, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../common/format";
import { localUrl } from "../common/links";
import { displayName } from "../common/UserAvatar";
import { useChatState } from "../state/context";
import { type ChatMessage, emptyTimeline } from "../state/timeline";
import classes from "./PictureViewer.module.css";

const OpenPicture = createContext<(fileId: number) => void>(() => undefined);

/** Shows a picture of the room in full, by the id of its file. */
export const useOpenPicture = () => use(OpenPicture);

type WithPicture = ChatMessage & { file: AttachedFile };

const hasPicture = (message: ChatMessage): message is WithPicture =>
  !message.fileDeleted && (message.file?.content_type.startsWith("image/") ?? false);

/** Around a room's messages: opens one of their pictures over the page, and goes from it to the others. */
export function PictureViewer({ roomId, children }: { roomId: number; children: ReactNode }) {
  const { t } = useTranslation();
  const [fileId, setFileId] = useState<number | null>(null);
  const close = () => setFileId(null);
  return (
    <OpenPicture value={setFileId}>
      {children}
      <Modal.Root opened={fileId !== null} onClose={close} fullScreen>
        <Modal.Content className={classes.content} aria-label={t("files.picture")}>
          {fileId !== null && <Opened roomId={roomId} fileId={fileId} onOpen={setFileId} onClose={close} />}
        </Modal.Content>
      </Modal.Root>
    </OpenPicture>
  );
}

interface OpenedProps {
  roomId: number;
  fileId: number;
  onOpen: (fileId: number) => void;
  onClose: () => void;
}

function Opened({ roomId, fileId, onOpen, onClose }: OpenedProps) {
  const { t } = useTranslation();
  const formats = useFormats();
  const timeline = useChatState((state) => state.timelines[roomId] ?? emptyTimeline);
  const pictures = useMemo(() => [...timeline.sent, ...timeline.unsent].filter(hasPicture), [timeline]);
  const at = pictures.findIndex(({ file }) => file.id === fileId);
  const before = pictures[at - 1];
  const after = at < 0 ? undefined : pictures[at + 1];
  useHotkeys([
    ["ArrowLeft", () => before && onOpen(before.file.id)],
    ["ArrowRight", () => after && onOpen(after.file.id)],
  ]);
  const shown = pictures[at];
  const tool = { variant: "subtle", color: "gray", size: "lg" } as const;
  return (
    <div className={classes.viewer}>
      <header className={classes.header}>
        <div className={classes.names}>
          <span className={classes.name}>{shown?.file.original_filename}</span>
          {shown && (
            <span className={classes.details}>
              {displayName(shown.sender)} · {formats.dateTime(shown.createdAt)} · {formats.bytes(shown.file.file_size)}
            </span>
          )}
        </div>
        {shown && (
          <>
            <ActionIcon
              {...tool}
              component="a"
              href={localUrl(shown.file.public_url)}
              download={shown.file.original_filename}
              aria-label={t("files.downloadNamed", { name: shown.file.original_filename })}
            >
              <IconDownload size={20} />
            </ActionIcon>
            <ActionIcon
              {...tool}
              component="a"
              href={localUrl(shown.file.public_url)}
              target="_blank"
              rel="noopener noreferrer"
              aria-label={t("files.openApart")}
            >
              <IconExternalLink size={20} />
            </ActionIcon>
          </>
        )}
        <ActionIcon {...tool} aria-label={t("common.close")} onClick={onClose} data-autofocus>
          <IconX size={22} />
        </ActionIcon>
      </header>
      <div className={classes.stage}>
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: Escape and the button close it too */}
        {/* biome-ignore lint/a11y/noStaticElementInteractions: see above */}
        <div className={classes.around} onClick={onClose} />
        {shown ? (
          <img key={shown.file.id} src={localUrl(shown.file.public_url)} alt={shown.file.original_filename} />
        ) : (
          <p role="status">{t("files.deleted")}</p>
        )}
        {before && (
          <ActionIcon
            className={classes.previous}
            variant="default"
            radius="xl"
            size="xl"
            aria-label={t("files.previousPicture")}
            onClick={() => onOpen(before.file.id)}
          >
            <IconChevronLeft />
          </ActionIcon>
        )}
        {after && (
          <ActionIcon
            className={classes.next}
            variant="default"
            radius="xl"
            size="xl"
            aria-label={t("files.nextPicture")}
            onClick={() => onOpen(after.file.id)}
          >
            <IconChevronRight />
          </ActionIcon>
        )}
      </div>
    </div>
  );
}
