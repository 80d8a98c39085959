import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { ApiError } from "./api/client";
import { getSession, onSessionChange } from "./api/session";
import { Broken } from "./screens/Broken";
import { Entrance } from "./screens/Entrance";
import { Workspace } from "./screens/Workspace";
import { cssVariables, theme } from "./theme";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      // What the server has refused it refuses again; a lost network is worth another try.
      retry: (failures, error) => failures < 3 && !(error instanceof ApiError && error.status < 500),
    },
  },
});

onSessionChange(() => {
  if (!getSession()) queries.clear();
});

export function App() {
  const isLoggedIn = useSyncExternalStore(onSessionChange, () => getSession() !== null);
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <Broken>
        <QueryClientProvider client={queries}>{isLoggedIn ? <Workspace /> : <Entrance />}</QueryClientProvider>
      </Broken>
    </MantineProvider>
  );
}
