"""An article by its id, for pages and the API alike: what is not found is a refusal with its status."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.finding import AmbiguousIdError, ForgottenArticleError, NoSuchArticleError, find
from archive.versions import LostVersionError
from web.problems import PageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from archive.articles import StoredArticle


def found_article(connection: Connection, article_id: str, *, whole: bool = False) -> StoredArticle:
    """The article with an id, or with the only id that begins so; `whole`: with this id alone, because two requests by
    a beginning could mean two articles.

    Raises PageError: 404, 410 for one that was forgotten, 503 if the archive has lost its current version.
    """
    try:
        found = find(connection, article_id)
    except ForgottenArticleError as error:
        raise PageError(410, "forgotten") from error
    except AmbiguousIdError as error:
        if whole:
            raise PageError(404, "no_article") from error
        raise PageError(404, "ambiguous", ids=", ".join(each.id for each in error.candidates)) from error
    except NoSuchArticleError as error:
        raise PageError(404, "no_article") from error
    except LostVersionError as error:
        raise PageError(503, "archive_down", detail=str(error)) from error
    if whole and found.article.id != article_id:
        raise PageError(404, "no_article")
    return found
