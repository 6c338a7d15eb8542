//! The sizes of all segments and personas.

use super::compile::Compiler;
use crate::{Engine, EngineError};
use model::segment::Segment;
use model::view::GroupSize;
use model::{Document, DocumentBody, Kind};
use store::{Cancel, Rows};

impl Engine {
    /// Segments, then personas, with the number of people in each, all time: one scan for all of them. One that cannot be
    /// counted says why.
    ///
    /// Errors: the documents cannot be read; the store fails; `cancel` was set.
    pub async fn groups(&self, cancel: &Cancel) -> Result<Vec<GroupSize>, EngineError> {
        let ground = self.ground().await?;
        let mut compiler = Compiler::new(&ground.snapshot);
        let (mut groups, mut tests, mut counted) = (Vec::new(), Vec::new(), Vec::new());
        for kind in [Kind::Segment, Kind::Persona] {
            for document in self.documents(kind).await? {
                let mut group = GroupSize {
                    kind,
                    key: document.body.key().clone(),
                    name: document.body.name(),
                    n_people: None,
                    problems: Vec::new(),
                };
                let test = async {
                    let segment = self.segment_of(document).await?;
                    self.tests(&mut compiler, &[segment], &ground, cancel).await
                };
                match test.await {
                    Ok(own) => {
                        tests.extend(own);
                        counted.push(groups.len());
                    }
                    Err(error @ (EngineError::Problems(_) | EngineError::NotFound { .. })) => {
                        group.problems = error.problems().0;
                    }
                    Err(error) => return Err(error),
                }
                groups.push(group);
            }
        }
        let key = self.lasting_key(("groups", &()), &ground, [None, None], tests.iter());
        let fold = move |rows: &Rows| tests.iter().map(|test| test.n_people(rows)).collect::<Vec<_>>();
        let columns = compiler.columns.clone();
        let buckets = self.fold_again(key, &ground, columns, cancel, fold).await?;
        for (index, at) in counted.into_iter().enumerate() {
            groups[at].n_people = Some(buckets.iter().map(|sizes| sizes[index].state).sum());
        }
        Ok(groups)
    }

    /// The segment a group is made of.
    async fn segment_of(&self, document: Document) -> Result<Segment, EngineError> {
        match document.body {
            DocumentBody::Persona(persona) => self.segment(&persona.segment).await,
            DocumentBody::Segment(segment) => Ok(segment),
            body => Err(Self::missing(Kind::Segment, body.key())),
        }
    }
}
