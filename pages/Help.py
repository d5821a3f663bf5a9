"""The short guide."""

import streamlit as st

from mhub_core.ui import address, glossary
from mhub_core.ui.page import link, page_setup, window

STEPS = """
1. **Data.** Open *Datasets*. Several are built in. To use your own, upload a table (CSV, Excel, JSON or Parquet), which may also
   hold texts or time series, or a zip or folder of images or text files: one subfolder for each class; images also with masks
   or boxes. Data can also come from the web, S3 or a database. The page of a dataset shows what is in it; *Process* cleans it in
   steps. One example in five is held out as the test set and never used for training.
2. **Model.** Open *Models*, create one from a stock architecture, and edit it in the *builder*: click a layer to see all
   its settings.
3. **Train.** Choose a model and a dataset. Every setting has a sensible default. A model that does not fit the data is
   adapted, and the page lists what was changed.
4. **Watch.** The page of the run updates by itself. You can close it and come back: the run continues.
5. **Find and compare.** *Runs* lists every run that you can see. Search it, sort it by any score or setting, and tick rows
   to compare, tag, stop or delete them.
6. **Rank.** The *leaderboard* ranks the finished runs on a dataset by their score on the held-out test set. Narrow it to your
   project, or open the page of the project.
7. **Search.** Press / on any page, or use the field at its top, to find models, datasets, projects, runs and people by
   name or text.
8. **Work together.** In *Projects*, create one for your class or team, open *Invite with a code* and let people scan the
   QR code. Everyone sees the models and runs of the project and its own leaderboard, and can change only what is theirs.
   To let one person in, open *Share with people* on the page of a model or dataset.
9. **Predict.** Give a trained model an image, a table row, a text or a series, and it returns its prediction.
10. **Your page.** Your name on models and runs leads to it. In *Account* you can add an image and a few lines about
    you, download everything that is yours, and delete the account.
11. **Comment.** The page of every model, dataset, run and project ends with its comments. You can write and reply in
    Markdown; `@` and a name notifies that person. Whoever can see the page can read them.
12. **Notifications.** The bell at the top right tells you when a run of yours has ended, and when somebody comments,
    mentions or invites you. Under *All notifications and settings* you choose which you get, and which by e-mail as well.
"""
ACCOUNT = """
- **Your account** (top right, under your name): name, e-mail address, password, and where you are signed in.
- **Forgot your password?** Choose *Forgot password?* where you sign in. If this hub sends no e-mail, its administrator creates
  a link for you.
- **Google, GitHub or your school:** where the hub offers it, sign in with their button. If your address already has an account
  here, you give its password once.
- **Administrators** find people, new accounts, and the name of the hub under *Administration* in the same menu.
"""

page_setup("Help")
left, right = st.columns([1, 1.4])
with left, window("Step by step"):
    st.markdown(STEPS)
    link("Start", "Train your first model with the guide")
with left, window("Accounts"):
    st.markdown(ACCOUNT)
with right, window("Glossary"):
    search = st.text_input("Search the terms", max_chars=address.MAX_LETTERS, **address.kept("search", "", address.words, "help"))
    found = glossary.find(search)
    st.html(glossary.to_html(found, opened=bool(search.strip())))
    if not found:
        st.write("No term matches this search.")
