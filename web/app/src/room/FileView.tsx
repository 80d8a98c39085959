import { ActionIcon, Tooltip } from "@mantine/core";
import { IconDownload, IconFile, IconFileOff, IconFileTypePdf, IconFileZip } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../common/format";
import { localUrl } from "../common/links";
import type { ChatMessage } from "../state/timeline";
import classes from "./FileView.module.css";

/** The file of a message: a picture, a player, or a card to open it by. */
export function FileView({ message: { file, fileId, fileDeleted } }: { message: ChatMessage }) {
  const { t } = useTranslation();
  if (fileDeleted || (fileId !== null && !file)) {
    return (
      <div className={classes.card}>
        <IconFileOff size={28} stroke={1.5} aria-hidden />
        {t("files.deleted")}
      </div>
    );
  }
  if (!file) return null;
  const url = localUrl(file.public_url);
  const kind = file.content_type.split("/")[0];
  const card = <FileCard url={url} name={file.original_filename} size={file.file_size} type={file.content_type} />;
  if (kind === "image") return <Picture url={url} name={file.original_filename} instead={card} />;
  if (kind === "video") {
    return (
      // biome-ignore lint/a11y/useMediaCaption: what people send has no captions
      <video className={classes.video} src={url} controls preload="metadata" aria-label={file.original_filename} />
    );
  }
  if (kind === "audio") {
    return (
      <figure className={classes.audio}>
        <figcaption>{file.original_filename}</figcaption>
        {/* biome-ignore lint/a11y/useMediaCaption: what people send has no captions */}
        <audio src={url} controls preload="metadata" aria-label={file.original_filename} />
      </figure>
    );
  }
  return card;
}

function Picture({ url, name, instead }: { url: string; name: string; instead: React.ReactNode }) {
  const [isBroken, setIsBroken] = useState(false);
  if (isBroken) return instead;
  return (
    <a href={url} target="_blank" rel="noopener noreferrer" className={classes.picture}>
      <img src={url} alt={name} decoding="async" onError={() => setIsBroken(true)} />
    </a>
  );
}

function FileCard({ url, name, size, type }: { url: string; name: string; size: number; type: string }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const isArchive = /zip|rar|7z/.test(type);
  const Icon = type === "application/pdf" ? IconFileTypePdf : isArchive ? IconFileZip : IconFile;
  return (
    <div className={classes.card}>
      <Icon size={32} stroke={1.4} aria-hidden className={classes.icon} />
      <div className={classes.names}>
        <a href={url} target="_blank" rel="noopener noreferrer" className={classes.name}>
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
