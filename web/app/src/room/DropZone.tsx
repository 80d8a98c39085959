import { IconFileUpload } from "@tabler/icons-react";
import { type DragEvent, type ReactNode, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Dropped } from "../state/uploads";
import classes from "./DropZone.module.css";

interface Props {
  disabled: boolean;
  onDropped: (dropped: Dropped[]) => void;
  children: ReactNode;
}

function droppedBy({ dataTransfer }: DragEvent): Dropped[] {
  return [...dataTransfer.items].flatMap((item) => {
    const file = item.getAsFile();
    return file ? { file, isFolder: item.webkitGetAsEntry()?.isDirectory ?? false } : [];
  });
}

const hasFiles = (event: DragEvent) => event.dataTransfer.types.includes("Files");

/** Takes files that are dragged onto what it holds. The button and the clipboard do the same for the keyboard. */
export function DropZone({ disabled, onDropped, children }: Props) {
  const { t } = useTranslation();
  const [isOver, setIsOver] = useState(false);
  const depth = useRef(0); // enter and leave also come from every element inside
  const leave = () => {
    depth.current = 0;
    setIsOver(false);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only takes what a mouse drags; see above
    <section
      className={classes.zone}
      onDragEnter={(event) => {
        if (disabled || !hasFiles(event)) return;
        depth.current += 1;
        setIsOver(true);
      }}
      onDragOver={(event) => {
        if (hasFiles(event)) event.preventDefault(); // else the browser opens the file in place of the chat
      }}
      onDragLeave={() => {
        depth.current -= 1;
        if (depth.current <= 0) leave();
      }}
      onDrop={(event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        leave();
        if (!disabled) onDropped(droppedBy(event));
      }}
    >
      {children}
      {isOver && (
        <div className={classes.over}>
          <IconFileUpload size={48} stroke={1.5} />
          {t("files.drop")}
        </div>
      )}
    </section>
  );
}
