import {
  IconFile,
  IconFileMusic,
  IconFileSpreadsheet,
  IconFileText,
  IconFileTypePdf,
  IconFileZip,
  IconMovie,
  IconPhoto,
} from "@tabler/icons-react";

function iconOf(type: string) {
  if (type === "application/pdf") return IconFileTypePdf;
  if (type.startsWith("image/")) return IconPhoto;
  if (type.startsWith("audio/")) return IconFileMusic;
  if (type.startsWith("video/")) return IconMovie;
  if (/zip|rar|7z/.test(type)) return IconFileZip;
  if (/csv|excel|spreadsheet/.test(type)) return IconFileSpreadsheet;
  return /text|word|document/.test(type) ? IconFileText : IconFile;
}

/** What kind of file it is, by its Content-Type. Decoration: the name stands beside it. */
export function FileIcon({ type, size, className }: { type: string; size: number; className?: string | undefined }) {
  const Icon = iconOf(type);
  return <Icon size={size} stroke={1.4} aria-hidden className={className} />;
}
