"""What an operator sets from outside, as ONEVISIT_… variables; read only at the edge."""

import os
import secrets
from contextlib import suppress
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from onevisit.checkout import CHECKOUT

if TYPE_CHECKING:
    from onevisit.documents import Press, Seals
    from onevisit.store.files import Place
    from onevisit.store.secret import Keyring
    from onevisit.store.session import Limits
    from onevisit.store.shelves import Shelf


class Settings(BaseSettings):
    """Where things are and how the server behaves; every value has a working default.

    `home` holds workflows/, forms/ and templates/; `data` holds the embedded database, the
    uploads, the key that signs session cookies and, unless `seals` says where, the departments'
    seals. `printing_processes`: in how many processes of their own papers are made (0: here).
    """

    model_config = SettingsConfigDict(env_prefix="ONEVISIT_")

    home: Path = CHECKOUT
    data: Path = CHECKOUT / "var"
    database_url: str = ""
    database_connections: int = Field(default=15, ge=2, le=200)
    database_wait_seconds: float = Field(default=10, ge=0.1, le=120)
    database_statement_seconds: int = Field(default=60, ge=0, le=60 * 60)
    database_lock_seconds: int = Field(default=15, ge=0, le=60 * 60)
    database_idle_seconds: int = Field(default=60, ge=0, le=60 * 60)
    database_pooler: bool = False
    files_url: str = ""
    files_access_key: SecretStr = SecretStr("")
    files_secret_key: SecretStr = SecretStr("")
    keys_file: Path | None = None
    keys: SecretStr = SecretStr("")
    session_secret: SecretStr = SecretStr("")
    https_only: bool = False
    trusted_proxies: str = ""
    session_hours: int = Field(default=12, ge=1, le=24)
    idle_minutes: int = Field(default=30, ge=5, le=12 * 60)
    citizen_idle_minutes: int = Field(default=30, ge=5, le=12 * 60)
    second_factor: Literal["staff", "admins", "off", ""] = ""
    demo_password: str = ""
    upload_limit_mb: int = Field(default=20, ge=1, le=200)
    centre: str = "示例市政务服务中心"
    phone: str = "0990-0000000"
    seals: Path | None = None
    seal_password: SecretStr = SecretStr("")
    pkcs11_module: str = ""
    pkcs11_token: str = ""
    pkcs11_pin: SecretStr = SecretStr("")
    tsa_url: str = ""
    printing_processes: int = Field(default=1, ge=0, le=16)
    checkpoint_minutes: int = Field(default=60, ge=0, le=31 * 24 * 60)
    checkpoints: Path | None = None
    checkpoint_key: Path | None = None
    checkpoint_tsa_url: str = ""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    clamd: str = ""
    hosts: str = ""
    metrics_key: SecretStr = SecretStr("")
    log_requests: bool = True
    drain_seconds: float = Field(default=0, ge=0, le=600)
    public_url: str = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_name: str = "统一身份认证"
    oidc_name_claim: str = "name"
    oidc_id_number_claim: str = ""
    oidc_scope: str = "openid profile"
    smtp_url: SecretStr = SecretStr("")
    smtp_ca: Path | None = None
    mail_from: str = ""
    sms_url: str = ""
    sms_key: SecretStr = SecretStr("")

    @model_validator(mode="after")
    def _ways_out_are_whole(self) -> Self:
        """Half a way out would only be found out when somebody is not told."""
        if self.smtp_url.get_secret_value() and "@" not in self.mail_from:
            raise ValueError("设置了 ONEVISIT_SMTP_URL，还要设置 ONEVISIT_MAIL_FROM（发件地址）")
        if self.pkcs11_module and not self.pkcs11_token:
            raise ValueError("设置了 ONEVISIT_PKCS11_MODULE，还要设置 ONEVISIT_PKCS11_TOKEN")
        if self.sms_url and not self.sms_key.get_secret_value():
            raise ValueError("设置了 ONEVISIT_SMS_URL，还要设置 ONEVISIT_SMS_KEY（签名密钥）")
        return self

    @model_validator(mode="after")
    def _files_have_a_place(self) -> Self:
        """An address that leads nowhere would only be found out with the first upload."""
        if self.files_url.startswith("s3:") and find_spec("boto3") is None:
            raise ValueError("ONEVISIT_FILES_URL 是 s3://…，还要安装：pip install 'onevisit[s3]'")
        if self.files_url:
            _ = self.shelf
        return self

    @model_validator(mode="after")
    def _unified_sign_in_is_whole(self) -> Self:
        """A unified sign-in half set up would fail only when the first person uses it."""
        if not self.oidc_issuer:
            return self
        if not (self.oidc_client_id and self.oidc_client_secret.get_secret_value()):
            raise ValueError(
                "设置了 ONEVISIT_OIDC_ISSUER，还要设置 ONEVISIT_OIDC_CLIENT_ID 和"
                " ONEVISIT_OIDC_CLIENT_SECRET"
            )
        if not self.oidc_issuer.startswith(("https://", "http://localhost", "http://127.0.0.1")):
            raise ValueError("ONEVISIT_OIDC_ISSUER 要以 https:// 开头（本机试用除外）")
        return self

    @property
    def database_limits(self) -> "Limits":
        """How a serving process uses a PostgreSQL that it shares with others."""
        from onevisit.store.session import Limits  # noqa: PLC0415 -- loads the database

        return Limits(
            self.database_connections,
            self.database_wait_seconds,
            self.database_statement_seconds,
            self.database_lock_seconds,
            self.database_idle_seconds,
            self.database_pooler,
        )

    @property
    def demo(self) -> bool:
        """Whether demo accounts exist and are shown on the sign-in page."""
        return bool(self.demo_password)

    @property
    def factor_rule(self) -> Literal["staff", "admins", "off"]:
        """Of whom a second factor is required: all staff, but nobody in a demonstration, unless it
        is set otherwise."""
        return self.second_factor or ("off" if self.demo else "staff")

    @property
    def demo_clock(self) -> Path:
        """The file in which a demonstration keeps how far its clock is ahead."""
        return self.data / "demo-clock"

    @property
    def templates(self) -> Path:
        """The folder of all Jinja2 templates."""
        return self.home / "templates"

    @property
    def files(self) -> "Place":
        """Where uploads and made PDFs are kept, under these keys, for FileStore: below `data`, or
        where `files_url` says (`file:///共享目录`, `s3://…`)."""
        return self._files_under(self.keyring)

    @property
    def shelf(self) -> "Shelf":
        """What they lie on, as they lie; needs no keys."""
        return self._files_under(None).shelf()

    def _files_under(self, keyring: "Keyring | None") -> "Place":
        from onevisit.store.files import Place  # noqa: PLC0415 -- loads the database

        keys = (self.files_access_key, self.files_secret_key)
        access, secret = (each.get_secret_value() for each in keys)
        return Place(self.data / "files", keyring, self.files_url, access, secret)

    @property
    def press(self) -> "Press":
        """What makes papers, under the seals of the departments."""
        from onevisit.documents import Press  # noqa: PLC0415 -- loads the layout engine

        address = self.public_url or f"http://{self.host}:{self.port}"
        return Press(self.templates, self.department_seals, f"{address.rstrip('/')}/verify")

    @property
    def department_seals(self) -> "Seals":
        """Where the departments' keys are; `data`/seals where nothing else is set."""
        from onevisit.documents import Seals, Token  # noqa: PLC0415 -- loads the signing library

        token = None
        if self.pkcs11_module:
            pin = self.pkcs11_pin.get_secret_value()
            token = Token(self.pkcs11_module, self.pkcs11_token, pin)
        folder = self.seals or self.data / "seals"
        return Seals(folder, self.seal_password.get_secret_value(), token, self.tsa_url)

    @property
    def upload_limit(self) -> int:
        """The largest upload in bytes."""
        return self.upload_limit_mb * 1024 * 1024

    @property
    def keys_path(self) -> Path:
        """The file of the keys under which what names a person is kept."""
        return self.keys_file or self.data / "keys.json"

    @property
    def keyring(self) -> "Keyring":
        """These keys; KeysFault, with what to do, when there are none. `keys` is the text of such
        a file, for places that hand secrets over in the environment."""
        from onevisit.store.keys_file import keyring_in, keyring_of  # noqa: PLC0415 -- loads the database

        text = self.keys.get_secret_value()
        return keyring_in(text, "ONEVISIT_KEYS") if text else keyring_of(self.keys_path)

    def prepared(self) -> Self:
        """These settings with a data folder, a database URL, a signing key and keys in place.

        Without ONEVISIT_DATABASE_URL the database is the embedded SQLite file below `data`.
        """
        from onevisit.store.keys_file import make_once  # noqa: PLC0415 -- loads the database

        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self.keys_file is None and not self.keys.get_secret_value():
            make_once(self.keys_path, datetime.now(UTC))
        return self.model_copy(
            update={
                "database_url": self.database_url or f"sqlite:///{self.data / 'onevisit.db'}",
                "session_secret": SecretStr(self._signing_key()),
            }
        )

    def _signing_key(self) -> str:
        """The key for session cookies: as set, else one made once and kept below `data`."""
        if self.session_secret.get_secret_value():
            return self.session_secret.get_secret_value()
        path = self.data / "session.key"
        if not path.exists():
            made = self.data / f"session.key.{os.getpid()}"
            made.touch(mode=0o600)
            made.write_text(secrets.token_urlsafe(48))
            with suppress(FileExistsError):
                os.link(made, path)  # the first of two starting processes wins, whole
            made.unlink()
        return path.read_text()
