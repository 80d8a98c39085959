import { ActionIcon, Button, Group, Loader, Progress, Stack, Text, TextInput, Tooltip } from "@mantine/core";
import { IconDownload, IconSearch, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { FileUpload } from "../../generated/api";
import { api, unwrap } from "../api/client";
import { keys, myFilesQuery, usageQuery } from "../api/queries";
import { FileIcon } from "../common/FileIcon";
import { useFormats } from "../common/format";
import { localUrl } from "../common/links";
import { NotLoaded } from "../common/NotLoaded";
import { Dialog, type DialogProps, Problem } from "./Dialog";
import classes from "./MyFilesDialog.module.css";

/** Enough to find one; who wants more, types more. */
const MOST_SHOWN = 100;

/** What the user has uploaded, in whichever room: to have it again, or to take it away. */
export function MyFilesDialog(props: DialogProps) {
  const { t } = useTranslation();
  return (
    <Dialog {...props} title={t("files.mine")}>
      <Usage />
      <Files />
    </Dialog>
  );
}

function Usage() {
  const { t } = useTranslation();
  const formats = useFormats();
  const { data: usage } = useQuery(usageQuery);
  if (!usage) return null;
  const used = formats.bytes(usage.used);
  return (
    <Stack gap={6} mb="md">
      <Text size="sm" c="dimmed">
        {usage.quota ? t("files.usedOf", { used, quota: formats.bytes(usage.quota) }) : t("files.used", { used })}
      </Text>
      {usage.quota ? (
        <Progress value={(usage.used / usage.quota) * 100} size="sm" aria-label={t("files.usage")} />
      ) : null}
    </Stack>
  );
}

function Files() {
  const { t } = useTranslation();
  const [search, setSearch] = useState("");
  const { data: files, error, isPending, refetch } = useQuery({ ...myFilesQuery, staleTime: 0 });
  if (isPending) return <Loader aria-label={t("common.loading")} />;
  if (error) return <NotLoaded error={error} onRetry={refetch} />;
  if (files.length === 0) return <Text>{t("files.none")}</Text>;
  const wanted = search.trim().toLocaleLowerCase();
  const found = files.filter((file) => file.original_filename.toLocaleLowerCase().includes(wanted));
  return (
    <Stack gap="sm">
      <TextInput
        placeholder={t("files.search")}
        aria-label={t("files.search")}
        leftSection={<IconSearch size={16} />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      <Text size="sm" c="dimmed" role="status">
        {t("files.found", { count: found.length })}
      </Text>
      <ul className={classes.list}>
        {found.slice(0, MOST_SHOWN).map((file) => (
          <FileRow key={file.id} file={file} />
        ))}
      </ul>
    </Stack>
  );
}

function FileRow({ file }: { file: FileUpload }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const [isAsking, setIsAsking] = useState(false);
  const { original_filename: name, public_url } = file;
  const url = localUrl(public_url);
  return (
    <li className={classes.file}>
      <FileIcon type={file.content_type} size={28} className={classes.icon} />
      <div className={classes.names}>
        <a href={url} target="_blank" rel="noopener noreferrer" className={classes.name} title={name}>
          {name}
        </a>
        <Text size="xs" c="dimmed">
          {formats.bytes(file.file_size)} · {formats.date(file.uploaded_at)}
        </Text>
      </div>
      <Tooltip label={t("files.download")}>
        <ActionIcon
          component="a"
          href={url}
          download={name}
          variant="subtle"
          color="gray"
          aria-label={t("files.downloadNamed", { name })}
        >
          <IconDownload size={18} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={t("files.delete")}>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t("files.deleteNamed", { name })}
          aria-expanded={isAsking}
          onClick={() => setIsAsking(!isAsking)}
        >
          <IconTrash size={18} />
        </ActionIcon>
      </Tooltip>
      {isAsking && <Deletion file={file} onCancel={() => setIsAsking(false)} />}
    </li>
  );
}

function Deletion({ file, onCancel }: { file: FileUpload; onCancel: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => unwrap(api.DELETE("/api/uploads/{id}", { params: { path: { id: file.id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.files }),
  });
  return (
    <Stack gap="xs" className={classes.deletion} role="alert">
      <Text size="sm">{t("files.deleteSure")}</Text>
      <Problem error={remove.error} />
      <Group justify="flex-end">
        <Button size="xs" variant="default" onClick={onCancel}>
          {t("common.cancel")}
        </Button>
        <Button size="xs" color="red.9" loading={remove.isPending} onClick={() => remove.mutate()}>
          {t("files.deleteIt")}
        </Button>
      </Group>
    </Stack>
  );
}
