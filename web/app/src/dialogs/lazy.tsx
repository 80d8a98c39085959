import { type ComponentType, lazy, Suspense, useState } from "react";
import type { DialogProps } from "./Dialog";

// Dialogs that most visits do not open: loaded when the page has nothing else to do, or when they are opened.

const loading: (() => Promise<unknown>)[] = [];

function later<Props extends DialogProps>(load: () => Promise<{ default: ComponentType<Props> }>) {
  loading.push(load);
  const Loaded = lazy(load) as unknown as ComponentType<Props>;
  return function LaterDialog(props: Props) {
    const [wasOpened, setWasOpened] = useState(props.opened);
    if (props.opened && !wasOpened) setWasOpened(true);
    return (
      wasOpened && (
        <Suspense fallback={null}>
          <Loaded {...props} />
        </Suspense>
      )
    );
  };
}

export const SettingsDialog = later(async () => ({ default: (await import("./SettingsDialog")).SettingsDialog }));
export const MyFilesDialog = later(async () => ({ default: (await import("./MyFilesDialog")).MyFilesDialog }));
export const EditRoomDialog = later(async () => ({ default: (await import("./EditRoomDialog")).EditRoomDialog }));
export const AddMemberDialog = later(async () => ({ default: (await import("./AddMemberDialog")).AddMemberDialog }));

/** Loads them ahead of use. */
export function loadDialogs(): void {
  for (const load of loading) load().catch(() => undefined); // then when it is opened
}
