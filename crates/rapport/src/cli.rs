//! The command line.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use ipnet::IpNet;

/// Form of the log on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogForm {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Where the workspaces lie.
#[derive(Debug, Clone, Args)]
pub struct Place {
    /// Folder of databases, files and backups · 数据目录
    #[arg(long, env = "RAPPORT_DATA", default_value = "./rapport-data", global = true)]
    pub data: PathBuf,
    /// PostgreSQL instead of SQLite: `postgres://user@host/database` · PostgreSQL 地址
    #[arg(long, env = "RAPPORT_DATABASE_URL", hide_env_values = true, global = true)]
    pub database: Option<String>,
    /// Workspace the command is about; default: the only one there is, else `main` · 工作区
    #[arg(long = "workspace", value_name = "WORKSPACE", env = "RAPPORT_WORKSPACE", global = true)]
    pub asked: Option<String>,
    /// The one it is, found out before the command runs.
    #[arg(skip)]
    pub workspace: String,
}

/// Rapport 睿客: a complete CRM in one binary.
#[derive(Debug, Parser)]
#[command(name = "rapport", version, arg_required_else_help = true)]
pub struct Cli {
    /// Form of the log · 日志格式
    #[arg(long, env = "RAPPORT_LOG_FORM", default_value = "text", global = true)]
    pub log: LogForm,
    #[command(flatten)]
    pub place: Place,
    #[command(subcommand)]
    pub command: Command,
}

/// How to listen.
#[derive(Debug, Clone, Args)]
pub struct Listen {
    /// Address to listen on · 监听地址
    #[arg(long, env = "RAPPORT_LISTEN", default_value = "127.0.0.1:7878")]
    pub listen: SocketAddr,
    /// The address people type, when a proxy stands in front: `https://crm.example.com` · 对外访问地址
    #[arg(long, env = "RAPPORT_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// Proxies whose `X-Forwarded-For` is believed · 可信代理网段
    #[arg(long, env = "RAPPORT_TRUSTED_PROXIES", value_delimiter = ',')]
    pub trusted_proxy: Vec<IpNet>,
    /// Requests a second that one caller may make for long; five times as many at once · 每个调用者每秒请求数上限
    #[arg(long, env = "RAPPORT_RATE", default_value_t = 200)]
    pub rate: u32,
    /// Serve a demo workspace, whose people need no password, to the network; must be given twice · 允许在网络上提供演示环境（须写两次）
    #[arg(long, action = clap::ArgAction::Count)]
    pub demo_on_network: u8,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the workspaces · 启动服务
    Serve(Listen),
    /// Make a workspace · 初始化工作区
    Init {
        /// Name of the organisation · 组织名称
        #[arg(long, default_value = "Rapport")]
        organisation: String,
        /// Language of stages, roles and other shipped records; default: that of the terminal · 预置数据的语言
        #[arg(long, value_parser = ["en", "zh"])]
        locale: Option<String>,
    },
    /// A workspace with the sample company, served · 演示环境
    Demo {
        #[command(flatten)]
        listen: Listen,
        /// Customers of the sample company · 示例客户数量
        #[arg(long, default_value_t = 300)]
        customers: usize,
        /// Seed of the sample · 随机种子
        #[arg(long, default_value_t = 7)]
        seed: u64,
        /// Make the workspace and stop · 仅生成数据
        #[arg(long)]
        only_fill: bool,
        /// Language of stages, roles and other shipped records; default: that of the terminal · 预置数据的语言
        #[arg(long, value_parser = ["en", "zh"])]
        locale: Option<String>,
    },
    /// Bring records in from CSV and XLSX files · 导入
    Import(Import),
    /// Write records to a file · 导出
    Export {
        /// Object: `account`, `opportunity` … · 对象
        object: String,
        /// Form of the file; default: by the ending of --out, else csv · 格式
        #[arg(long, value_parser = ["csv", "xlsx", "vcf"])]
        format: Option<String>,
        /// File to write; default: `OBJECT.csv` · 目标文件
        #[arg(long, alias = "to")]
        out: Option<PathBuf>,
        /// Only these, in the text form of filters · 筛选条件
        #[arg(long)]
        filter: Option<String>,
        /// Only these fields · 字段
        #[arg(long, value_delimiter = ',')]
        fields: Vec<String>,
        /// As this person; default: everything · 以该用户身份
        #[arg(long)]
        user: Option<String>,
    },
    /// Fill a workspace with invented data in bulk, for measurements · 批量生成测量数据
    #[command(hide = true)]
    Load {
        /// Accounts · 客户数
        #[arg(long, default_value_t = 100_000)]
        accounts: usize,
        /// Contacts · 联系人数
        #[arg(long, default_value_t = 100_000)]
        contacts: usize,
        /// Opportunities · 商机数
        #[arg(long, default_value_t = 20_000)]
        opportunities: usize,
        /// Sellers · 销售人数
        #[arg(long, default_value_t = 200)]
        sellers: usize,
        /// Seed · 随机种子
        #[arg(long, default_value_t = 7)]
        seed: u64,
    },
    /// A verified copy while others work · 备份
    Backup {
        /// File to write; default: `backups/` in the data folder · 目标文件
        #[arg(long)]
        to: Option<PathBuf>,
    },
    /// Bring a backup back as a workspace that does not exist yet · 恢复备份
    Restore {
        /// The backup · 备份文件
        from: PathBuf,
    },
    /// Bring the tables to this version of the program · 升级数据库结构
    Migrate,
    /// Look for differences between tables and model, and for faults · 体检
    Doctor,
    /// The audit trail · 审计
    Audit {
        #[command(subcommand)]
        command: Audit,
    },
    /// People · 用户
    User {
        #[command(subcommand)]
        command: User,
    },
    /// API tokens · API 令牌
    Token {
        #[command(subcommand)]
        command: Token,
    },
    /// Workspaces · 工作区
    Workspace {
        #[command(subcommand)]
        command: Workspace,
    },
    /// Custom objects and fields as text · 自定义模型
    Model {
        #[command(subcommand)]
        command: Model,
    },
}

/// What to import and how.
#[derive(Debug, Args)]
pub struct Import {
    /// CSV and XLSX files; with a plan those it names are found in --folder · 文件
    #[arg(required_unless_present_any = ["undo", "plan", "resume"])]
    pub files: Vec<PathBuf>,
    /// What becomes what, as TOML; without it object and columns are guessed and shown · 导入方案
    #[arg(long)]
    pub plan: Option<PathBuf>,
    /// Where the files lie that the plan names; default: here · 文件所在目录
    #[arg(long)]
    pub folder: Option<PathBuf>,
    /// Object of files without a plan · 对象
    #[arg(long)]
    pub object: Option<String>,
    /// Encoding of the CSV files when it cannot be told: `gb18030`, `big5`, `windows-1252` … · 文件编码
    #[arg(long)]
    pub encoding: Option<String>,
    /// Ask about everything that is open, each once · 逐一询问未决问题
    #[arg(long)]
    pub ask: bool,
    /// Write the plan that was guessed and answered to this file · 将方案写入文件
    #[arg(long)]
    pub save_plan: Option<PathBuf>,
    /// As this person; default: as the machine's administrator · 以该用户身份
    #[arg(long)]
    pub user: Option<String>,
    /// Check everything, write nothing · 仅校验
    #[arg(long)]
    pub dry_run: bool,
    /// Go on with a job that was interrupted, by the plan it was begun with; its files may be named again · 继续任务
    #[arg(long)]
    pub resume: Option<String>,
    /// Take a whole job back · 撤销任务
    #[arg(long)]
    pub undo: Option<String>,
    /// Folder for the files of refused rows, `NAME.errors.csv` or `.xlsx`; default: here · 错误行文件目录
    #[arg(long)]
    pub errors: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Check the hash chain of the change log · 校验变更日志哈希链
    Verify {
        /// A head that an earlier check or the server's log printed, `NUMBER:HASH`: proves that nothing up to it was written anew · 此前记下的链头
        #[arg(long)]
        since: Option<String>,
    },
}

/// Where a password comes from. Never from an argument: arguments are seen by everybody on the machine.
#[derive(Debug, Clone, Args)]
pub struct PasswordSource {
    /// Read the password from standard input · 从标准输入读取密码
    #[arg(long)]
    pub password_stdin: bool,
}

#[derive(Debug, Subcommand)]
pub enum User {
    /// Make a person; without a password an invitation link is printed · 新建用户
    Create {
        /// E-mail address · 邮箱
        #[arg(long)]
        email: String,
        /// Name · 姓名
        #[arg(long)]
        name: String,
        /// User name; default: the e-mail address · 用户名
        #[arg(long)]
        username: Option<String>,
        /// Administrator · 管理员
        #[arg(long)]
        admin: bool,
        /// Codes of roles · 角色编码
        #[arg(long, value_delimiter = ',')]
        role: Vec<String>,
        /// Code or name of the department · 部门
        #[arg(long)]
        department: Option<String>,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// Show people · 用户列表
    List,
    /// End a person's access · 停用用户
    Disable {
        /// E-mail address, user name or mobile · 账号
        login: String,
    },
    /// Set a password, or print a link to set one · 设置密码
    Password {
        /// E-mail address, user name or mobile · 账号
        login: String,
        #[command(flatten)]
        password: PasswordSource,
    },
}

#[derive(Debug, Subcommand)]
pub enum Token {
    /// Make a token and print it · 新建令牌
    Create {
        /// Whose · 所属用户
        #[arg(long)]
        user: String,
        /// What for · 用途
        #[arg(long, default_value = "cli")]
        name: String,
        /// Only these rights: `account:read`, `*:read` … · 权限范围
        #[arg(long, value_delimiter = ',')]
        scope: Vec<String>,
        /// Days until it ends · 有效天数
        #[arg(long, default_value_t = 90)]
        days: i64,
    },
    /// Show a person's tokens · 令牌列表
    List {
        /// Whose · 所属用户
        #[arg(long)]
        user: String,
    },
    /// End a token · 吊销令牌
    Revoke {
        /// Whose · 所属用户
        #[arg(long)]
        user: String,
        /// Its id · 令牌标识
        id: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum Workspace {
    /// Make one · 新建
    Create {
        /// Name · 名称
        name: String,
        /// Name of the organisation · 组织名称
        #[arg(long)]
        organisation: Option<String>,
        /// Language of stages, roles and other shipped records; default: that of the terminal · 预置数据的语言
        #[arg(long, value_parser = ["en", "zh"])]
        locale: Option<String>,
    },
    /// Show all · 列表
    List,
    /// Give another name · 改名
    Rename {
        /// Name now · 现名
        from: String,
        /// Name then · 新名
        to: String,
    },
    /// Put aside; kept but not served · 归档
    Archive {
        /// Name · 名称
        name: String,
        /// Take back · 取消归档
        #[arg(long)]
        undo: bool,
    },
    /// Write all data to a file · 导出
    Export {
        /// Name · 名称
        name: String,
        /// File to write · 目标文件
        #[arg(long)]
        to: PathBuf,
    },
    /// Copy from the SQLite folder to PostgreSQL, compared row by row; the source stays · 从 SQLite 复制到 PostgreSQL
    Copy {
        /// Name · 名称
        name: String,
        /// Database to copy to: `postgres://user@host/database` · 目标数据库
        #[arg(long, value_name = "URL")]
        to: String,
        /// Name there; default: the same · 在目标处的名称
        #[arg(long = "as", value_name = "NAME")]
        rename: Option<String>,
    },
    /// Remove for good · 删除
    Drop {
        /// Name · 名称
        name: String,
        /// The name once more, so that nothing goes by mistake · 再次输入名称以确认
        #[arg(long)]
        confirm: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum Model {
    /// Print what administrators added · 导出自定义内容
    Export,
    /// Say what a text would change · 预览变更
    Plan {
        #[command(flatten)]
        text: ModelText,
    },
    /// Change the model by a text · 应用变更
    Apply {
        #[command(flatten)]
        text: ModelText,
    },
}

/// All that shall be custom.
#[derive(Debug, Args)]
pub struct ModelText {
    /// The text (TOML) · 模型文件
    pub file: PathBuf,
    /// Take a text without custom objects and fields: all there are go out of use · 允许停用全部自定义内容
    #[arg(long)]
    pub retire_all: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    /// Of every command: no name twice, no flag that clashes. Only unoptimised builds would say so, and only of the command called.
    #[test]
    fn every_command_fits_together() {
        super::Cli::command().debug_assert();
    }
}
