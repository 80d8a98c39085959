import type { AttachedFile } from "@izpochat/realtime";
import { ActionIcon, Tooltip } from "@mantine/core";
import { IconDownload, IconFileOff } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type MouseEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../api/client";
import { fileQuery } from "../api/queries";
import { FileIcon } from "../common/FileIcon";
import { useFormats } from "../common/format";
import { localUrl } from "../common/links";
import type { ChatMessage } from "../state/timeline";
import classes from "./FileView.module.css";
import { useOpenPicture } from "./PictureViewer";
import { boxOf, smallerOf } from "./pictureBox";

/** The file of a message: a picture, a player, or a card to open it by. */
export function FileView({ message: { file, fileId, fileDeleted } }: { message: ChatMessage }) {
  const { t } = useTranslation();
  const gone = (
    <div className={classes.card}>
      <IconFileOff size={28} stroke={1.5} aria-hidden />
      {t("files.deleted")}
    </div>
  );
  if (fileDeleted || (fileId !== null && !file)) return gone;
  return file && <Shown key={file.id} file={file} gone={gone} />;
}

/**
 * A link ends after a time, which a page that stays open for weeks may see: then the file is asked for again, once. When its
 * link is still the same, it is the file itself that the browser cannot show.
 */
function useWorkingFile(file: AttachedFile) {
  const [broke, setBroke] = useState<"no" | "once" | "again">("no");
  const { data: fresh, error } = useQuery({ ...fileQuery(file.id), enabled: broke !== "no", retry: false });
  const isSame = fresh !== undefined && localUrl(fresh.public_url) === localUrl(file.public_url);
  return {
    file: fresh ?? file,
    isGone: error instanceof ApiError && error.status === 404,
    isBroken: broke === "again" || (broke === "once" && (error !== null || isSame)),
    onError: () => setBroke(broke === "no" ? "once" : fresh ? "again" : broke),
  };
}

function Shown({ file: known, gone }: { file: AttachedFile; gone: React.ReactNode }) {
  const { file, isGone, isBroken, onError } = useWorkingFile(known);
  const url = localUrl(file.public_url);
  const kind = isBroken ? "broken" : file.content_type.split("/")[0];
  if (isGone) return gone;
  if (kind === "image") return <Picture file={file} onError={onError} />;
  if (kind === "video") {
    return (
      // biome-ignore lint/a11y/useMediaCaption: what people send has no captions
      <video
        className={classes.video}
        src={url}
        controls
        preload="metadata"
        aria-label={file.original_filename}
        onError={onError}
      />
    );
  }
  if (kind === "audio") {
    return (
      <figure className={classes.audio}>
        <figcaption>{file.original_filename}</figcaption>
        {/* biome-ignore lint/a11y/useMediaCaption: what people send has no captions */}
        <audio src={url} controls preload="metadata" aria-label={file.original_filename} onError={onError} />
      </figure>
    );
  }
  return <FileCard file={file} />;
}

/** Small in the message, in its place from the first moment; large when it is chosen. */
function Picture({ file, onError }: { file: AttachedFile; onError: () => void }) {
  const openPicture = useOpenPicture();
  const box = boxOf(file);
  const [isSmallerGone, setIsSmallerGone] = useState(false);
  const smaller = isSmallerGone ? undefined : smallerOf(file);
  const onClick = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // the browser's own ways to open a link
    event.preventDefault();
    openPicture(file.id);
  };
  return (
    <a
      href={localUrl(file.public_url)}
      target="_blank"
      rel="noopener noreferrer"
      aria-haspopup="dialog"
      className={classes.picture}
      data-sized={box !== null || undefined}
      style={box ?? undefined}
      onClick={onClick}
    >
      <img
        key={smaller}
        src={localUrl(file.public_url)}
        srcSet={smaller}
        sizes={box ? `${box.width}px` : undefined}
        alt={file.original_filename}
        decoding="async"
        onError={smaller ? () => setIsSmallerGone(true) : onError}
      />
    </a>
  );
}

function FileCard({ file }: { file: AttachedFile }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { original_filename: name, content_type: type, file_size: size } = file;
  const url = localUrl(file.public_url);
  return (
    <div className={classes.card}>
      <FileIcon type={type} size={32} className={classes.icon} />
      <div className={classes.names}>
        <a href={url} target="_blank" rel="noopener noreferrer" className={classes.name} title={name}>
          {name}
        </a>
        <span className={classes.size}>{formats.bytes(size)}</span>
      </div>
      <Tooltip label={t("files.download")}>
        <ActionIcon
          component="a"
          href={url}
          download={name}
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={t("files.downloadNamed", { name })}
        >
          <IconDownload size={18} />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}
