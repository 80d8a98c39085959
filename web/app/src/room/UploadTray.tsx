import { ActionIcon, Progress } from "@mantine/core";
import { IconFile, IconRefresh, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../common/format";
import { useLogin, useUploadsState } from "../state/context";
import type { Upload } from "../state/uploads";
import classes from "./UploadTray.module.css";

/** The files that go with the next message, and how far they have come. */
export function UploadTray({ roomId }: { roomId: number }) {
  const { t } = useTranslation();
  const files = useUploadsState((state) => state[roomId]);
  if (!files?.length) return null;
  return (
    <ul className={classes.tray} aria-label={t("files.attached")}>
      {files.map((file) => (
        <UploadCard key={file.id} roomId={roomId} file={file} />
      ))}
    </ul>
  );
}

function UploadCard({ roomId, file }: { roomId: number; file: Upload }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { uploads } = useLogin();
  const isUploading = file.state === "uploading";
  const removeLabel = t(isUploading ? "files.cancel" : "files.remove", { name: file.name });
  return (
    <li className={classes.card} data-state={file.state}>
      {file.previewUrl ? (
        <img src={file.previewUrl} alt="" className={classes.preview} />
      ) : (
        <IconFile size={28} stroke={1.4} />
      )}
      <div className={classes.names}>
        <span className={classes.name}>{file.name}</span>
        {file.state === "failed" ? (
          <span role="alert" className={classes.problem}>
            {file.problem}
          </span>
        ) : (
          <span className={classes.size}>
            {formats.bytes(file.size)}
            {isUploading && ` · ${formats.percent(file.progress)}`}
          </span>
        )}
        {isUploading && (
          <Progress
            value={file.progress * 100}
            size="xs"
            mt={4}
            aria-label={t("files.progress", { name: file.name })}
          />
        )}
      </div>
      {file.state === "failed" && file.mayRetry && (
        <ActionIcon
          variant="subtle"
          aria-label={t("files.retry", { name: file.name })}
          onClick={() => uploads.retry(roomId, file.id)}
        >
          <IconRefresh size={16} />
        </ActionIcon>
      )}
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={removeLabel}
        onClick={() => uploads.remove(roomId, file.id)}
      >
        <IconX size={16} />
      </ActionIcon>
    </li>
  );
}
