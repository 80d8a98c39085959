import { Center, Loader } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Redirect, Route, Switch, useRoute } from "wouter";
import { meQuery, myRoomsQuery } from "../api/queries";
import { NotLoaded } from "../common/NotLoaded";
import { loadDialogs } from "../dialogs/lazy";
import { loadMarkdown } from "../room/MessageText";
import { Room } from "../room/Room";
import { Sidebar } from "../sidebar/Sidebar";
import { LoginProvider, useLogin } from "../state/context";
import { ConnectionBanner } from "./ConnectionBanner";
import { useNewsOutside } from "./useNewsOutside";
import { Welcome } from "./Welcome";
import classes from "./Workspace.module.css";

const loadBrowseRooms = () => import("./BrowseRooms");
const BrowseRooms = lazy(async () => ({ default: (await loadBrowseRooms()).BrowseRooms }));

/** What is not needed at first comes when the page has nothing else to do, so that it is there without a network too. */
function useLoadingAhead(): void {
  useEffect(() => {
    const timer = setTimeout(() => {
      loadDialogs();
      for (const load of [loadMarkdown, loadBrowseRooms]) load().catch(() => undefined); // then when it is needed
    }, 1_000);
    return () => clearTimeout(timer);
  }, []);
}

/** All that one sees after the login: the rooms at the left, one of them beside it. */
export function Workspace() {
  const { t } = useTranslation();
  const { data: me, error, refetch } = useQuery(meQuery);
  if (me) {
    return (
      <LoginProvider key={me.id} me={me}>
        <Panes />
      </LoginProvider>
    );
  }
  return (
    <Center component="main" h="100%">
      {error ? <NotLoaded error={error} onRetry={refetch} /> : <Loader aria-label={t("common.loading")} />}
    </Center>
  );
}

function Panes() {
  const { t } = useTranslation();
  const { chat } = useLogin();
  const { data: rooms } = useQuery(myRoomsQuery);
  const [isList] = useRoute("/");
  useNewsOutside();
  useLoadingAhead();
  useEffect(() => {
    if (rooms) chat.follow(rooms.map((room) => room.id));
  }, [chat, rooms]);
  return (
    <div className={classes.workspace} data-pane={isList ? "list" : "content"}>
      <a className={classes.skip} href="#content">
        {t("common.skipToContent")}
      </a>
      <ConnectionBanner className={classes.banner} />
      <Sidebar className={classes.sidebar} />
      <main className={classes.content} id="content" tabIndex={-1}>
        <Switch>
          <Route path="/rooms/:id">{({ id }) => <Room key={id} id={Number(id)} />}</Route>
          <Route path="/browse">
            <Suspense fallback={<Loader m="auto" />}>
              <BrowseRooms />
            </Suspense>
          </Route>
          <Route path="/">
            <Welcome />
          </Route>
          <Route>
            <Redirect to="/" replace />
          </Route>
        </Switch>
      </main>
    </div>
  );
}
